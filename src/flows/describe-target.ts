import type { Cluster, Store, Stored, WorkloadView } from '../core/ports.ts';
import { redactDeployment } from '../core/redact.ts';
import type { Target } from '../core/target.ts';
import type { Update } from '../core/update.ts';
import { sameWorkload, workloadId, type WorkloadKey } from '../core/workload.ts';

/** What `/info` says. */
export interface Info {
  /** The Deployment, redacted; null when it is not there. */
  readonly deployment: unknown;
  readonly targets: readonly unknown[];
  /** The last updates, newest first. */
  readonly updates: readonly Update[];
  /** The other workloads that are targets, by name. */
  readonly workloads: readonly string[];
}

const shownUpdates = 10;

/** The classic target's Deployment, and what is known of it. */
export async function describeTarget(
  { cluster, store, view }: { readonly cluster: Cluster; readonly store: Store; readonly view: WorkloadView },
  key: WorkloadKey | undefined,
  signal: AbortSignal,
): Promise<Info> {
  const workloads = [...new Set(view.targets().map(({ workload }) => workloadId(workload)))].sort();
  if (!key) return { deployment: null, targets: [], updates: [], workloads };
  const raw = await cluster.readRaw(key, signal);
  const updates = await store.ofWorkload(key, shownUpdates);
  const targets = view.targets().filter(({ workload }) => sameWorkload(workload, key));
  return {
    deployment: raw === undefined ? null : redactDeployment(raw),
    targets: targets.map(describe),
    updates: updates.map(({ update }: Stored) => update),
    workloads,
  };
}

function describe({ container, init, image, ref, policy, preReleases, tags, held }: Target): unknown {
  return {
    container,
    init,
    image,
    repository: ref.repository,
    policy: policy.text,
    preReleases,
    tags: tags?.pattern() ?? null,
    held: held ?? null,
  };
}
