import { createKubernetesCluster } from '../../src/cluster/kubernetes.ts';
import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import type { ImagePatch } from '../../src/core/ports.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { monotonicMs, pause } from '../clock.ts';

/** Asks for one bare PATCH of each Deployment, `concurrency` at a time. */
export interface BarePatches {
  readonly names: readonly string[];
  readonly concurrency: number;
  readonly pauseMs: number;
}

/**
 * The service's own client of the Kubernetes API without the service: answers with the times at which each PATCH
 * was asked for. KUBECONFIG says where.
 */
const cluster = createKubernetesCluster(
  'bench',
  createRest(connect({ kind: 'kubeconfig' }), systemClock, 10_000),
  { annotations: [], teamLabel: '' },
);
const { signal } = new AbortController();

/** A PATCH like the service's, that sets the image to what it is. */
async function prepare(name: string): Promise<ImagePatch> {
  const key = { cluster: 'bench', namespace: 'default', kind: 'Deployment' as const, name };
  const workload = await cluster.read(key, signal);
  if (!workload) throw new Error(`${name} is not there`);
  const { resourceVersion, containers } = workload;
  const moves = containers.map(({ name: container, init, image }) => ({
    container,
    init,
    from: image,
    to: image,
  }));
  const annotations = {
    'updatekate.dev/update': `up-${'0'.repeat(40)}`,
    'kubernetes.io/change-cause': `updatekate: app ${containers[0]?.image ?? ''} -> the same`,
  };
  return { workload: key, resourceVersion, moves, annotations };
}

async function run({ names, concurrency, pauseMs }: BarePatches): Promise<readonly number[]> {
  const patches = await Promise.all(names.map(prepare));
  const sent: number[] = [];
  const worker = async (): Promise<void> => {
    for (let patch = patches.shift(); patch; patch = patches.shift()) {
      await pause(pauseMs);
      sent.push(monotonicMs());
      await cluster.patchImages(patch, signal);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return sent;
}

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: BarePatches) => {
  void run(asked).then((sent) => process.send?.(sent));
});
