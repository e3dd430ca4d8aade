import { createWorkloadIndex, type WorkloadIndex } from '../../src/cluster/workload-index.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Cluster, ImagePatch } from '../../src/core/ports.ts';
import { targetsOf, type ClassicTarget } from '../../src/core/target.ts';
import { workloadId, type Pod, type Workload, type WorkloadKey } from '../../src/core/workload.ts';

/** A cluster of values: what was patched, and a watch that delivers when the test says so. */
export interface FakeCluster {
  readonly port: Cluster;
  readonly view: WorkloadIndex;
  /** Every patch that took effect. */
  readonly patches: readonly ImagePatch[];
  get(key: WorkloadKey): Workload;
  /** Changes a workload as someone else would; the watch brings it unless `silent`. */
  put(workload: Workload, silent?: boolean): void;
  remove(key: WorkloadKey): void;
  /** The controller has seen the change: one new pod, not available yet. */
  observe(key: WorkloadKey): void;
  /** The controller ends the rollout: every pod is new and available. */
  converge(key: WorkloadKey): void;
  setPods(pods: readonly Pod[]): void;
  /** Told of every change the watch brings. */
  onChange: (key: WorkloadKey) => void;
}

const everywhere = { kind: 'Deployment', namespace: undefined } as const;

/** Creates the cluster with these workloads, listed and watched. */
export function createFakeCluster(workloads: readonly Workload[], classic?: ClassicTarget): FakeCluster {
  const objects = new Map<string, Workload>();
  const patches: ImagePatch[] = [];
  let pods: readonly Pod[] = [];
  let version = 100;
  const view = createWorkloadIndex(
    [everywhere],
    (workload) => targetsOf(workload, classic),
    (key) => fake.onChange(key),
  );
  const found = (key: WorkloadKey): Workload => {
    const workload = objects.get(workloadId(key));
    if (!workload) throw new AppError('not-found', `no ${workloadId(key)}`);
    return workload;
  };
  const fake: FakeCluster = {
    patches,
    view,
    onChange: () => undefined,
    get: found,
    put(workload, silent = false) {
      const stored = { ...workload, resourceVersion: String(++version) };
      objects.set(workloadId(workload.key), stored);
      if (!silent) view.put(stored);
    },
    remove(key) {
      objects.delete(workloadId(key));
      view.remove(key);
    },
    observe(key) {
      const workload = found(key);
      const { generation, replicas } = workload;
      const status = { replicas: replicas + 1, updated: 1, available: replicas };
      fake.put({ ...workload, observedGeneration: generation, status });
    },
    converge(key) {
      const workload = found(key);
      const { generation, replicas } = workload;
      const status = { replicas, updated: replicas, available: replicas };
      fake.put({ ...workload, observedGeneration: generation, status });
    },
    setPods(next) {
      pods = next;
    },
    port: {
      read: (key) => Promise.resolve(objects.get(workloadId(key))),
      readRaw: (key) => Promise.resolve(objects.get(workloadId(key))),
      pods: () => Promise.resolve(pods),
      // A throw in the executor rejects.
      patchImages: (patch) =>
        new Promise((resolve) => {
          const workload = found(patch.workload);
          if (workload.resourceVersion !== patch.resourceVersion)
            throw new AppError('conflict', 'it was changed');
          const images = new Map(patch.moves.map(({ container, to }) => [container, to]));
          patches.push(patch);
          fake.put({
            ...workload,
            generation: workload.generation + 1,
            annotations: { ...workload.annotations, ...patch.annotations },
            containers: workload.containers.map((one) => ({
              ...one,
              image: images.get(one.name) ?? one.image,
            })),
          });
          resolve(found(patch.workload));
        }),
    },
  };
  workloads.forEach((workload) => fake.put(workload, true));
  view.replaceAll(everywhere, [...objects.values()]);
  return fake;
}
