import { rolloutState } from '../../core/rollout.ts';
import { bookName, emptyBook, withKind, withSeen } from '../../core/seen-book.ts';
import { firstSeen } from '../../core/seen.ts';
import type { Place } from '../../core/watched-workloads.ts';
import { workloadKinds, type Workload, type WorkloadKind } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';
import type { Ledger } from './ledger.ts';

/**
 * Puts down what is there of every kind that has been listed and never looked at: of that nobody is told. What the
 * predecessor saw stays, and is compared with.
 *
 * @param isYoung whether the namespace was not there yet when the watch began: all in it is new.
 */
export async function seeFirst(
  { watched, log }: ChangeContext,
  place: Place,
  ledger: Ledger,
  isYoung: boolean,
): Promise<void> {
  for (const kind of workloadKinds) {
    const { seen, kinds } = ledger.book();
    if (kinds.includes(kind) || !watched.knows({ ...place, kind })) continue;
    const there = isYoung ? [] : watched.within(place).filter(({ key }) => key.kind === kind);
    const entries = there
      .map((one) => [bookName(one.key), firstSeen(one, isWell(one))] as const)
      .filter(([name]) => !seen.has(name));
    await ledger.settle(withKind(withSeen(emptyBook, entries), kind));
    logFirst(log, place, kind, entries.length);
  }
}

function logFirst(log: ChangeContext['log'], place: Place, kind: WorkloadKind, workloads: number): void {
  log.info({ ...place, kind, workloads }, 'workloads seen for the first time: nobody is told of them');
}

function isWell(workload: Workload): boolean {
  const wanted = Object.fromEntries(workload.containers.map(({ name, image }) => [name, image]));
  return rolloutState(workload, wanted, []).kind === 'converged';
}
