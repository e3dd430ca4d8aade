import type { NoticeBox } from '../../core/notice-box.ts';
import { noticeFileName } from '../../core/notice-file.ts';
import { seenFileName } from '../../core/seen-file.ts';
import type { ChangeContext } from './change-context.ts';
import { placeId, type Place } from '../../core/watched-workloads.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { warnOfMissing } from '../missing-receivers.ts';

/** The ledger of a place, opened when it is first asked for. */
export type Ledgers = (place: Place) => Promise<Ledger>;

/** What becomes of a ledger, as `LedgerOptions` has it, and where. */
export interface LedgerEvents {
  reloaded(place: Place): void;
  dropped(place: Place, box: NoticeBox, workloads: ReadonlySet<string>): void;
}

/**
 * @param signal ends all of them.
 * @param told of a place what `LedgerOptions` are told.
 */
export function createLedgers(context: ChangeContext, signal: AbortSignal, told: LedgerEvents): Ledgers {
  const { outbox, cache, ownNamespace, ownCluster, teamLabel, clock, log, notifiers } = context;
  const opened = new Map<string, Promise<Ledger>>();
  return (place) => {
    const id = placeId(place);
    const { namespace } = place;
    const cluster = place.cluster === ownCluster ? undefined : place.cluster;
    const open = async (): Promise<Ledger> => {
      const ledger = await openLedger({
        ...{ outbox, cache, teamLabel, clock, log, signal },
        files: {
          notices: noticeFileName(ownNamespace, namespace, cluster),
          seen: seenFileName(ownNamespace, namespace, cluster),
        },
        reloaded: () => told.reloaded(place),
        dropped: (box, workloads) => told.dropped(place, box, workloads),
      });
      const waiting = ledger.box().entries.flatMap(({ announcements }) => announcements);
      warnOfMissing(log, waiting, notifiers, { cluster: place.cluster, namespace });
      return ledger;
    };
    const ledger = opened.get(id) ?? open();
    opened.set(id, ledger);
    // Whoever comes next tries again.
    ledger.catch(() => opened.delete(id));
    return ledger;
  };
}
