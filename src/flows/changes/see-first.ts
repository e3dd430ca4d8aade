import { differenceOf } from '../../core/difference.ts';
import { isWell } from '../../core/rollout.ts';
import { bookName, emptyBook, withKind, withSeen } from '../../core/seen-book.ts';
import { firstSeen, seenOf, type Seen } from '../../core/seen.ts';
import type { Place } from '../../core/watched-workloads.ts';
import { workloadKinds, type Workload, type WorkloadKind } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';
import type { Ledger } from './ledger.ts';

/**
 * Puts down what is there of every kind that has been listed and never looked at: of that nobody is told. What the
 * predecessor saw stays where it differs from what is there, and is compared with. All kinds at once: a namespace whose
 * first kind alone is known would be an old one for the next process.
 *
 * @param newKinds of which all in the namespace is new: it was not there yet when they had been listed.
 */
export async function seeFirst(
  { watched, log, ownManager }: ChangeContext,
  place: Place,
  ledger: Ledger,
  newKinds: readonly WorkloadKind[],
): Promise<void> {
  const book = ledger.book();
  const kinds = workloadKinds.filter(
    (kind) => !book.kinds.includes(kind) && watched.knows({ ...place, kind }),
  );
  if (kinds.length === 0) return;
  const isOld = (kind: WorkloadKind): boolean => kinds.includes(kind) && !newKinds.includes(kind);
  const there = watched.within(place).filter(({ key }) => isOld(key.kind));
  const fresh = there.filter(({ key }) => !book.seen.has(bookName(key)));
  const seen = new Map<string, Seen>(fresh.map((one) => [bookName(one.key), firstSeen(one, isWell(one))]));
  for (const one of there) {
    const before = book.seen.get(bookName(one.key));
    if (before && isSameInPart(before, one, ownManager))
      seen.set(bookName(one.key), seenOf(one, before.type));
  }
  await ledger.settle(kinds.reduce(withKind, withSeen(emptyBook, seen)));
  for (const kind of kinds) logFirst(log, place, kind, fresh.filter(({ key }) => key.kind === kind).length);
}

/**
 * Whether the predecessor wrote it, and all that it wrote is still so. A look would tell nothing of it and put down the
 * rest; thousands of looks would do that one by one, each with the whole book.
 */
function isSameInPart(before: Seen, workload: Workload, own: string | undefined): boolean {
  const isBare = before.uid === undefined && !before.failed;
  return isBare && differenceOf(before, workload, own) === 'none';
}

function logFirst(log: ChangeContext['log'], place: Place, kind: WorkloadKind, workloads: number): void {
  log.info({ ...place, kind, workloads }, 'workloads seen for the first time: nobody is told of them');
}
