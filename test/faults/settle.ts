import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Evidence } from './evidence.ts';
import type { Installation } from './installation.ts';
import { unfinished } from './invariants/index.ts';

/** After a crash another replica may take 20 s; a webhook that failed three times is sent again after 5 s. */
const limitMs = 120_000;
const pollMs = 500;
/** A patch that is done twice may come late. */
const calmMs = 1500;

/** Waits until everything that was acknowledged is done and nothing is written any more; not for ever. */
export async function settle(installation: Installation): Promise<Evidence> {
  const untilMs = performance.now() + limitMs;
  let writes = -1;
  for (;;) {
    const evidence = await installation.evidence().catch(() => undefined);
    const open = evidence ? unfinished(evidence).length : 1;
    const late = performance.now() > untilMs;
    const count = evidence ? reconcilersWrites(evidence) : -1;
    if (evidence && (late || (open === 0 && count === writes))) return evidence;
    if (late) throw new Error('the records cannot be read');
    writes = count;
    await pause(open === 0 ? calmMs : pollMs);
  }
}

/** Leases are renewed for ever. */
function reconcilersWrites({ writes }: Evidence): number {
  return writes.filter(({ call }) => call.resource !== 'leases').length;
}
