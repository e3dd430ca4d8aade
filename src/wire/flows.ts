import type { AlsoRead } from '../cluster/workload-object.ts';
import { createKubernetesCluster } from '../cluster/kubernetes.ts';
import { createWorkloadIndex, type Scope, type WorkloadIndex } from '../cluster/workload-index.ts';
import { approvalsOf } from '../config/file/electorate.ts';
import type { Config } from '../config/load.ts';
import { ownCluster } from '../config/watched.ts';
import type { ApprovalSources } from '../core/approval-rules.ts';
import type { Clock, Log, Metrics, Receiver } from '../core/ports.ts';
import { missedPush, targetsOf, type ClassicTarget } from '../core/target.ts';
import type { Workload } from '../core/workload.ts';
import { createPatchDelivery } from '../deliveries/patch.ts';
import type { FlowContext } from '../flows/context.ts';
import { guardedCluster } from '../flows/guarded.ts';
import { createLead, type Lead } from '../flows/lead.ts';
import { receivePush } from '../flows/receive-push.ts';
import { createUnparking, type Unparking } from '../flows/take-parked.ts';
import type { WebhookOptions } from '../http/webhook.ts';
import type { OpenCluster } from './cluster.ts';
import type { Storage } from './store.ts';

/** What the use cases are made of. */
export interface FlowParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly cluster: OpenCluster;
  /** Where workloads are looked for. */
  readonly scopes: readonly Scope[];
  readonly storage: Storage;
  readonly metrics: Metrics;
  /** Who is told, and asked. */
  readonly receivers: readonly Receiver[];
  /** Fires when the service is about to end. */
  readonly stopping: AbortSignal;
}

/** The use cases, put together. Part of the composition root. */
export interface Flows {
  readonly context: FlowContext;
  readonly lead: Lead;
  readonly classic: ClassicTarget | undefined;
  readonly index: WorkloadIndex;
  readonly receive: WebhookOptions['receive'];
  readonly unparking: Unparking;
}

/** Puts the use cases together over the parts they need. */
export function wireFlows(parts: FlowParts): Flows {
  const { config, clock, log, random, storage, metrics } = parts;
  const { store, parked, election } = storage;
  const classic = classicTarget(config);
  const approvals = approvalSettings(config, classic);
  const cluster = createKubernetesCluster(ownCluster, parts.cluster.rest, alsoRead(config));
  const targets = (workload: Workload) => targetsOf(workload, classic, approvals);
  const missing = (name: string) => classic && missedPush(name, index.get(classic.workload), classic);
  const index = createWorkloadIndex(parts.scopes, targets, (key) => lead.workloadChanged(key));
  const patch = {
    ...{ cluster: guardedCluster(cluster, election), view: index, targetsOf: targets },
    ...{ approvals, clock },
  };
  const context: FlowContext = {
    ...{ clock, log, random, store, cluster, view: index, metrics, approvals },
    delivery: createPatchDelivery(patch),
    receivers: parts.receivers,
    rollout: { timeoutMs: config.rolloutTimeoutMs, pollMs: config.rolloutPollMs },
  };
  const lead = createLead(context, election);
  const unpark = (): void => unparking.start();
  const receiving = { ...context, parked, unpark, wake: lead.wake, missing };
  const receive: Flows['receive'] = (pushes, dryRun) => receivePush(receiving, pushes, dryRun);
  const unparking = createUnparking(
    { clock, log, random, parked, receive: (pushes) => receive(pushes, false) },
    parts.stopping,
  );
  return { context, lead, classic, index, receive, unparking };
}

/** What is read of workloads besides what always is. */
export function alsoRead({ approvalAnnotation, teamLabel }: Config): AlsoRead {
  return { annotations: [approvalAnnotation], teamLabel };
}

function classicTarget(config: Config): ClassicTarget | undefined {
  const { namespace, deployment, container, repository, policy } = config;
  if (deployment === undefined) return undefined;
  const workload = { cluster: ownCluster, namespace, kind: 'Deployment' as const, name: deployment };
  return { workload, container, repository, policy };
}

function approvalSettings(
  { approvalAnnotation, file }: Config,
  classic: ClassicTarget | undefined,
): ApprovalSources {
  return { legacyKey: approvalAnnotation, classic: classic?.workload, ...approvalsOf(file) };
}
