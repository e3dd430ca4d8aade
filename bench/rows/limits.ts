import { recordedRate, sustainedRate } from './acknowledgement.ts';
import type { SteadyPushes } from './steady-pushes.ts';

/** Below this part of all cores, what else runs on a machine does not show. */
const quietShare = 0.1;
/** From this part of a core on, it is what limits. */
const fullShare = 0.85;

/** What a reader of the rows must know of the machine that they were measured on. */
export function limitsOf(sustained: SteadyPushes, others: readonly SteadyPushes[]): readonly string[] {
  const strangers = Math.max(...[sustained, ...others].map(({ load }) => load.strangers ?? 0));
  if (strangers > quietShare) {
    const used = strangers.toFixed(2);
    return [`BUSY MACHINE: others used ${used} of all cores. No time or rate of the real API server counts.`];
  }
  const { service, rest = NaN } = sustained.load;
  if (recordedRate(sustained) >= sustainedRate || service >= fullShare || rest < fullShare) return [];
  const [ofService, ofRest] = [service.toFixed(2), rest.toFixed(2)];
  return [
    `MACHINE TOO SMALL: at the highest rate the service used ${ofService} of its core, the rest ${ofRest} of theirs.`,
  ];
}
