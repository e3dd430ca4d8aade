import { noticeFileName } from '../../core/notice-file.ts';
import { seenFileName } from '../../core/seen-file.ts';
import type { ChangeContext } from './change-context.ts';
import { placeId, type Place } from '../../core/watched-workloads.ts';
import { openLedger, type Ledger } from './ledger.ts';

/** The ledger of a place, opened when it is first asked for. */
export type Ledgers = (place: Place) => Promise<Ledger>;

/**
 * @param signal ends all of them.
 * @param reloaded is told of a place whose ledger was read again.
 */
export function createLedgers(
  context: ChangeContext,
  signal: AbortSignal,
  reloaded: (place: Place) => void,
): Ledgers {
  const { outbox, cache, ownNamespace, ownCluster, teamLabel, clock, log } = context;
  const opened = new Map<string, Promise<Ledger>>();
  return (place) => {
    const id = placeId(place);
    const { namespace } = place;
    const cluster = place.cluster === ownCluster ? undefined : place.cluster;
    const open = (): Promise<Ledger> =>
      openLedger({
        ...{ outbox, cache, teamLabel, clock, log, signal },
        files: {
          notices: noticeFileName(ownNamespace, namespace, cluster),
          seen: seenFileName(ownNamespace, namespace, cluster),
        },
        reloaded: () => reloaded(place),
      });
    const ledger = opened.get(id) ?? open();
    opened.set(id, ledger);
    // Whoever comes next tries again.
    ledger.catch(() => opened.delete(id));
    return ledger;
  };
}
