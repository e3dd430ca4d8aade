import type { SteadyPushes } from './steady-pushes.ts';

/** Below this part of all cores, what else runs on a machine does not show. */
const quietShare = 0.1;
/** From this part of a core on, it is what limits. */
const fullShare = 0.85;

/** What a reader of the rows must know of the machine that they were measured on. */
export function limitsOf(measured: readonly SteadyPushes[]): readonly string[] {
  const strangers = Math.max(...measured.map(({ load }) => load.strangers ?? 0));
  if (strangers > quietShare) {
    const used = strangers.toFixed(2);
    return [`BUSY MACHINE: others used ${used} of all cores. No time or rate of the real API server counts.`];
  }
  return measured.flatMap(({ offered, load: { service, rest = 0 } }) =>
    rest < fullShare || service >= fullShare
      ? []
      : [
          `MACHINE TOO SMALL: at ${offered}/s the service used ${service.toFixed(2)} of its core, ` +
            `etcd and kube-apiserver with the bench ${rest.toFixed(2)} of theirs.`,
        ],
  );
}
