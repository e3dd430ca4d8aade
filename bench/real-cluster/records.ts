import { z } from 'zod';
import { enter, newUpdate, type Update } from '../../src/core/update.ts';
import { createImageUpdateCalls } from '../../src/stores/image-update-calls.ts';
import { inParallel } from './in-parallel.ts';
import type { Cluster } from './open.ts';

const Page = z.object({
  metadata: z.object({ remainingItemCount: z.number().default(0) }),
  items: z.array(z.unknown()),
});

/** How many ImageUpdates there are: what was answered must be here. */
export async function countRecords({ rest, namespace }: Cluster): Promise<number> {
  const { path } = createImageUpdateCalls(rest, namespace);
  const { signal } = new AbortController();
  const { items, metadata } = Page.parse(
    await rest.json({ method: 'GET', path, query: { limit: '1' } }, signal),
  );
  return items.length + metadata.remainingItemCount;
}

/**
 * Writes one finished update for each of the first repositories, with the calls of the store. All have ended just
 * now, each is of its own workload: none is old enough to be trimmed.
 */
export async function createFinishedRecords(
  { rest, namespace }: Cluster,
  repositories: readonly string[],
): Promise<void> {
  const calls = createImageUpdateCalls(rest, namespace);
  await inParallel(repositories, async (repository) => {
    const update = finished(namespace, repository);
    const made = await calls.create(update);
    if (!made) throw new Error(`there is an update ${update.name} already`);
    await calls.change(update, made.version, 'bench');
  });
}

/** An update that has gone all the way to success. */
function finished(namespace: string, repository: string): Update {
  const now = new Date();
  const name = repository.split('/').at(-1) ?? '';
  const move = { container: 'app', init: false, from: `${repository}:0.9.0`, to: `${repository}:1.0.0` };
  const update = newUpdate(
    {
      workload: { cluster: 'default', namespace, kind: 'Deployment', name },
      ...{ uid: crypto.randomUUID(), repository, tag: '1.0.0', digest: undefined, moves: [move] },
    },
    'semver',
    now,
  );
  return (['Delivering', 'RollingOut', 'Succeeded'] as const).reduce<Update>(
    (before, phase) => enter(before, phase, now),
    update,
  );
}
