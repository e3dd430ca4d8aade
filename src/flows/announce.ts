import { isEventType } from '../core/announcement.ts';
import { pendingFor, withEntry } from '../core/outbox.ts';
import type { Receiver, Stored } from '../core/ports.ts';
import type { FlowContext, Next } from './context.ts';
import { endTry, tryOnce, untilDueMs, type UnwrittenTries } from './note-try.ts';

/**
 * Tells a receiver what it is due to be told of an update, and writes down how that went.
 *
 * @throws AppError `conflict` when somebody else wrote meanwhile, such as another receiver's entry: called again, it tells
 * this one again only if that is what the other one wanted.
 */
export type Announce = (stored: Stored, signal: AbortSignal) => Promise<Next>;

/** What `receiver` is told is told by this alone: it knows which tries are not written down yet. */
export function createAnnounce(context: FlowContext, receiver: Receiver): Announce {
  const { clock, store } = context;
  const unwritten: UnwrittenTries = new Map();
  return async ({ update, revision }, signal) => {
    const key = update.name;
    const entry = pendingFor(update, receiver.name);
    if (!entry) {
      endTry(context, unwritten, key);
      return { kind: 'idle' };
    }
    const waitMs = untilDueMs(entry, clock.now());
    if (waitMs > 0) return { kind: 'after', ms: waitMs };
    const { event } = entry;
    const end = await tryOnce(context, { unwritten, key, subject: { update: key } }, entry, async () =>
      isEventType(event)
        ? receiver.tell(update, event, signal)
        : { kind: 'abandoned', message: `this version knows of no ${event}` },
    );
    if (end.kind === 'postponed') return { kind: 'after', ms: end.ms };
    await store.replace(withEntry(update, end.after), revision);
    endTry(context, unwritten, key);
    return { kind: 'now' };
  };
}
