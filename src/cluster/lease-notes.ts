import { hasCode } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';

/** How one look at the Lease, and the write it called for, ended. Times are monotonic. */
export type Look =
  | { readonly kind: 'held'; readonly untilMs: number }
  | { readonly kind: 'wait'; readonly holder: string; readonly untilMs: number }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What a person reads of an election: the changes, not every look of every two seconds. */
export interface LeaseNotes {
  looked(look: Look): void;
  acquired(): void;
  /** @param why `undefined` when we were told to end. */
  lost(why: string | undefined): void;
  released(): void;
  notReleased(error: unknown): void;
}

/** Writes the notes to `log`; `holder` in them is who held the Lease when it was last seen. */
export function createLeaseNotes({
  log,
  namespace,
  name,
  identity,
}: {
  readonly log: Log;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
}): LeaseNotes {
  const about = { lease: `${namespace}/${name}`, identity };
  let holder: string | undefined;
  let failing = false;
  const failed = (error: unknown): void => {
    // That somebody was faster is the election at work.
    if (hasCode(error, 'conflict')) return;
    log[failing ? 'debug' : 'warn']({ ...about, holder, error }, 'lease out of reach, trying on');
    failing = true;
  };
  return {
    looked(look) {
      if (look.kind === 'failed') {
        failed(look.error);
        return;
      }
      if (failing) log.info(about, 'lease in reach again');
      failing = false;
      const before = holder;
      holder = look.kind === 'wait' ? look.holder : identity;
      if (look.kind === 'wait' && holder !== before) log.info({ ...about, holder }, 'standing by');
    },
    acquired: () => log.info(about, 'leading'),
    lost(why) {
      if (why === undefined) log.info({ ...about, why: 'shutting down', holder }, 'no longer leading');
      else log.warn({ ...about, why, holder }, 'no longer leading');
    },
    released: () => log.info(about, 'lease released'),
    notReleased: (error) =>
      log.warn({ ...about, error }, 'lease not released: another replica leads when it has run out'),
  };
}
