import { waitingForOthers } from '../core/outbox.ts';
import type { Log } from '../core/ports.ts';
import type { Announcement } from '../core/update.ts';

/**
 * One line for each receiver for which something waits and that is not there: it was renamed, or taken out of the
 * configuration, and nothing else would ever say so.
 *
 * @param announcements all that there is, in any state.
 * @param where fields of the line that say what they are about.
 */
export function warnOfMissing(
  log: Pick<Log, 'warn'>,
  announcements: readonly Announcement[],
  receivers: readonly { readonly name: string }[],
  where: Readonly<Record<string, unknown>> = {},
): void {
  const known = receivers.map(({ name }) => name);
  for (const [receiver, messages] of waitingForOthers(announcements, known))
    log.warn(
      { ...where, receiver, messages },
      'nobody is told what waits for this receiver until one of its name is configured again',
    );
}
