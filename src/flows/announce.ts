import { isEventType } from '../core/announcement.ts';
import { hasCode } from '../core/errors.ts';
import { pendingFor, withEntry } from '../core/outbox.ts';
import type { Receiver, Stored } from '../core/ports.ts';
import type { Announcement } from '../core/update.ts';
import type { FlowContext, Next } from './context.ts';
import { logTry, tryOnce, untilDueMs, type UnwrittenTries } from './note-try.ts';

/** Tells a receiver what it is due to be told of an update, and writes down how that went. */
export type Announce = (stored: Stored, signal: AbortSignal) => Promise<Next>;

/** What `receiver` is told is told by this alone: it knows which tries are not written down yet. */
export function createAnnounce(context: FlowContext, receiver: Receiver): Announce {
  const { clock } = context;
  const unwritten: UnwrittenTries = new Map();
  return async (stored, signal) => {
    const { update } = stored;
    const entry = pendingFor(update, receiver.name);
    if (!entry) {
      unwritten.delete(update.name);
      return { kind: 'idle' };
    }
    const waitMs = untilDueMs(entry, clock.now());
    if (waitMs > 0) return { kind: 'after', ms: waitMs };
    const { event } = entry;
    const end = await tryOnce(context, { unwritten, key: update.name }, entry, async () =>
      isEventType(event)
        ? receiver.tell(update, event, signal)
        : { kind: 'abandoned', message: `this version knows of no ${event}` },
    );
    if (end.kind === 'postponed') return { kind: 'after', ms: end.ms };
    await write(context, stored, entry, end.after);
    unwritten.delete(update.name);
    logTry(context, { update: update.name }, end);
    return { kind: 'now' };
  };
}

/**
 * Another receiver's entry may be written meanwhile: a conflict is no reason to tell this one again. Only when it has
 * itself been made due again: what was told then is not what there is to tell now.
 */
async function write(
  { store }: FlowContext,
  stored: Stored,
  from: Announcement,
  to: Announcement,
): Promise<void> {
  let current: Stored | undefined = stored;
  while (current) {
    if (pendingFor(current.update, from.receiver, from.event)?.dueAt !== from.dueAt) return;
    try {
      await store.replace(withEntry(current.update, to), current.revision);
      return;
    } catch (error) {
      if (!hasCode(error, 'conflict')) throw error;
      current = await store.get(stored.update.name);
    }
  }
}
