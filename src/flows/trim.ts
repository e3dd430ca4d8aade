import { hasCode } from '../core/errors.ts';
import { isOpen } from '../core/update.ts';
import { workloadId, type WorkloadKey } from '../core/workload.ts';
import type { FlowContext } from './context.ts';

/** So many finished updates of a workload are kept in any case: its history. */
const keptPerWorkload = 10;
/** A no holds longer than that: forgotten, the next push of the same image would be put to the vote again. */
const keptRejections = 100;
/** None is forgotten sooner: a webhook that comes again so much later is a new push. */
const tombstoneMs = 24 * 3_600_000;
/** Forgotten in one go: what is beyond is found the next time. */
const atOnce = 200;

/**
 * Forgets the oldest finished updates of a workload. A finished record is also a tombstone: as long as it is there, a
 * late repetition of its push does nothing.
 */
export async function trim(
  { store, clock, log }: Pick<FlowContext, 'store' | 'clock' | 'log'>,
  workload: WorkloadKey,
): Promise<void> {
  const newestFirst = await store.ofWorkload(workload, keptPerWorkload + atOnce);
  const before = new Date(clock.now().getTime() - tombstoneMs).toISOString();
  const old = newestFirst
    .filter(({ update }) => !isOpen(update))
    .slice(keptPerWorkload)
    .filter(({ update }, at) => update.phase !== 'Rejected' || at >= keptRejections)
    .filter(({ update }) => (update.finishedAt ?? '') < before);
  for (const { update, revision } of old) {
    // Somebody asked for a replay just now: it is not finished any more.
    await store.remove(update.name, revision).catch((error: unknown) => {
      if (!hasCode(error, 'conflict')) throw error;
    });
  }
  if (old.length > 0)
    log.debug({ workload: workloadId(workload), updates: old.length }, 'old updates forgotten');
}
