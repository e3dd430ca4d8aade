import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { unfinished } from './invariants/index.ts';
import type { Site } from './scenario.ts';

const limitMs = 180_000;
const everyMs = 10_000;

/**
 * Waits until all is done, and meanwhile deletes the ReplicaSets of rollouts that stand still, so that the cluster's own
 * controllers begin them anew. When the API server is killed again and again, the ReplicaSet controller waits minutes
 * for pods that it believes it has asked for, and kwok, which plays the kubelet, misses some. No service could end a
 * rollout that the cluster does not.
 */
export async function helpStuckRollouts({ evidence, name, lab }: Site): Promise<void> {
  const untilMs = performance.now() + limitMs;
  let before: ReadonlySet<string> = new Set();
  while (performance.now() < untilMs) {
    const seen = await evidence().catch(() => undefined);
    if (seen && unfinished(seen).length === 0) return;
    const rolling = (seen?.records ?? []).filter(({ phase }) => phase === 'RollingOut');
    const stuck = rolling.filter((record) => before.has(record.name)).map(({ deployment }) => deployment);
    if (stuck.length > 0) {
      const sets = ['delete', 'replicasets', '--namespace', name, '--wait=false'];
      // What fails, because the API server is still starting, is tried again.
      await lab.cluster.kubectl([...sets, '--selector', `app in (${stuck.join()})`]).catch(() => undefined);
    }
    before = new Set(rolling.map((record) => record.name));
    await pause(everyMs);
  }
}
