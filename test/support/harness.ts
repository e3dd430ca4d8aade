import { outgoingEvent, type OutgoingEvent } from '../../src/core/announcement.ts';
import { annotationsOnly } from '../../src/core/approval-rules.ts';
import type { AnnouncementResult, Store } from '../../src/core/ports.ts';
import type { Push } from '../../src/core/registry.ts';
import { targetsOf, type ClassicTarget } from '../../src/core/target.ts';
import type { Workload } from '../../src/core/workload.ts';
import { createPatchDelivery } from '../../src/deliveries/patch.ts';
import type { FlowContext } from '../../src/flows/context.ts';
import { receivePush, type PushAnswer } from '../../src/flows/receive-push.ts';
import { createReconciler, type Reconciler } from '../../src/flows/reconcile.ts';
import { createMemoryParkedPushes } from '../../src/stores/memory-parked-pushes.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload } from './builders.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeCluster, type FakeCluster } from './fake-cluster.ts';
import { createFakeLog } from './fake-log.ts';
import { createFakeMetrics } from './fake-metrics.ts';

export interface HarnessOptions {
  readonly workloads?: readonly Workload[];
  readonly classic?: ClassicTarget;
  readonly store?: Store;
  /** What the clock shows at first. */
  readonly at?: Date;
  readonly cluster?: FakeCluster;
  /** Answers of the receiver, in order; then always `sent`. */
  readonly receiver?: readonly AnnouncementResult[];
  /** Changes the parts before the flows get them. */
  readonly around?: (context: FlowContext) => FlowContext;
}

/** The flows over fakes: everything but HTTP, Kubernetes and the disk. */
export interface Harness {
  readonly context: FlowContext;
  readonly cluster: FakeCluster;
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly log: ReturnType<typeof createFakeLog>;
  readonly reconciler: Reconciler;
  /** What the receiver was told, in order, retries included. */
  readonly told: readonly OutgoingEvent[];
  push(...tags: readonly string[]): Promise<PushAnswer>;
  /** The same with everything that a registry can say. */
  pushAll(pushes: readonly Push[]): Promise<PushAnswer>;
  /** Lets everything that is due now happen. */
  settle(): Promise<void>;
}

/** Builds the flows; `settle` drives them. */
export function createHarness(options: HarnessOptions = {}): Harness {
  const clock = createFakeClock(options.at);
  const log = createFakeLog();
  const metrics = createFakeMetrics();
  const { classic } = options;
  const cluster = options.cluster ?? createFakeCluster(options.workloads ?? [aWorkload()], classic);
  const told: OutgoingEvent[] = [];
  const parked = createMemoryParkedPushes();
  const answers = [...(options.receiver ?? [])];
  const plain: FlowContext = {
    ...{ clock, log, metrics, view: cluster.view, cluster: cluster.port, random: () => 0.5 },
    ...{ store: options.store ?? createMemoryStore(), approvals: annotationsOnly },
    delivery: createPatchDelivery({
      cluster: cluster.port,
      view: cluster.view,
      targetsOf: (workload) => targetsOf(workload, classic),
      ...{ approvals: annotationsOnly, clock },
    }),
    receivers: [
      {
        name: 'webhook',
        tell: (update, type) => {
          const event = outgoingEvent(update, type);
          if (event) told.push(event);
          return Promise.resolve(answers.shift() ?? { kind: 'sent' });
        },
      },
    ],
    rollout: { timeoutMs: 900_000, pollMs: 20_000 },
  };
  const context = options.around?.(plain) ?? plain;
  const reconciler = createReconciler(context);
  cluster.onChange = reconciler.workloadChanged;
  const receiving = { ...context, parked, unpark: () => undefined, missing: () => undefined };
  const pushAll: Harness['pushAll'] = (pushes) =>
    receivePush({ ...receiving, wake: reconciler.wake }, pushes, false);
  return {
    ...{ context, cluster, clock, log, reconciler, told, pushAll },
    push: (...tags) => pushAll(tags.map((tag) => ({ repository: 'quay.io/acme/shop', tag, digest: null }))),
    settle: () => clock.advance(0),
  };
}
