import { isEventType } from '../core/announcement.ts';
import { hasCode } from '../core/errors.ts';
import { pendingFor, withEntry } from '../core/outbox.ts';
import type { AnnouncementResult, Receiver, Stored } from '../core/ports.ts';
import type { Announcement } from '../core/update.ts';
import type { FlowContext, Next } from './context.ts';
import { logTry, noteTry, untilDueMs } from './note-try.ts';

/** Tells one receiver what it is due to be told of an update, and writes down how that went. */
export async function announce(
  context: FlowContext,
  receiver: Receiver,
  stored: Stored,
  signal: AbortSignal,
): Promise<Next> {
  const { clock } = context;
  const { update } = stored;
  const entry = pendingFor(update, receiver.name);
  if (!entry) return { kind: 'idle' };
  const started = clock.now();
  const waitMs = untilDueMs(entry, started);
  if (waitMs > 0) return { kind: 'after', ms: waitMs };
  const { event } = entry;
  const result: AnnouncementResult = isEventType(event)
    ? await receiver.tell(update, event, signal)
    : { kind: 'abandoned', message: `this version knows of no ${event}` };
  if (result.kind === 'postponed') return { kind: 'after', ms: result.ms };
  const next = noteTry(context, entry, result, started.getTime());
  await write(context, stored, entry, next);
  logTry(context, { update: update.name }, next, result);
  return { kind: 'now' };
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
