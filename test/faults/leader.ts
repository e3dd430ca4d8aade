import { performance } from 'node:perf_hooks';
import { waitFor } from '../cluster/wait-for.ts';
import { isReconcilers } from './api-call.ts';
import type { Installation } from './installation.ts';
import { isAccepted, type Write } from './journal.ts';
import type { Station } from './station.ts';

const limitMs = 60_000;

/** The replica that the API server last gave the lease to, seen from outside: whose write of it was accepted. */
function holderIn(writes: readonly Write[]): string | undefined {
  return holdingWrite(writes)?.call.replica;
}

function holdingWrite(writes: readonly Write[]): Write | undefined {
  const last = writes.findLast((write) => write.call.resource === 'leases' && isAccepted(write));
  return last?.call.holder === undefined || last.call.holder === '' ? undefined : last;
}

/** Who leads now; waits for one. A process that was started since holds nothing that the one before it held. */
export function leader(installation: Installation): Promise<Station> {
  return waitFor('a leader', limitMs, () => {
    const write = holdingWrite(installation.journal.writes());
    const station = installation.stations.find(({ replica }) => replica.name === write?.call.replica);
    const holds = station?.replica.running() && write && !station.replica.disturbedSince(write.sentAtMs);
    return Promise.resolve(holds ? station : undefined);
  });
}

/** Milliseconds from `sinceMs` to the first piece of work that another replica than `old` does. */
export function takeOver({ journal }: Installation, old: Station, sinceMs: number): Promise<number> {
  return waitFor('another replica to take over', limitMs, () => {
    const first = journal.writes().find((write) => {
      const { call, sentAtMs } = write;
      const others = call.replica !== old.replica.name && isReconcilers(call);
      return others && sentAtMs > sinceMs && isAccepted(write);
    });
    return Promise.resolve(first && first.sentAtMs - sinceMs);
  });
}

/** Work of this replica that the API server accepted although another one held the lease. */
export function writesWithoutLease(
  { journal }: Installation,
  { replica }: Station,
  sinceMs: number,
): readonly Write[] {
  const writes = journal.writes();
  return writes.filter((write, at) => {
    const own = write.call.replica === replica.name && write.sentAtMs > sinceMs;
    if (!own || !isReconcilers(write.call) || !isAccepted(write)) return false;
    return holderIn(writes.slice(0, at)) !== replica.name;
  });
}

/** Waits until `ms` have passed since `sinceMs`. */
export async function until(sinceMs: number, ms: number): Promise<void> {
  await waitFor('the time to pass', ms + limitMs, () =>
    Promise.resolve(performance.now() - sinceMs >= ms ? true : undefined),
  );
}
