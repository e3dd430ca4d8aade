import { hasCode } from '../core/errors.ts';
import { replayed } from '../core/outbox.ts';
import { isEnd } from '../core/phases.ts';
import type { Update } from '../core/update.ts';
import type { FlowContext } from './context.ts';

/** What came of the wish to have receivers told again. */
export type ReplayResult =
  | { readonly kind: 'due'; readonly receivers: readonly string[] }
  /** No such update or receiver; or it has nothing that could be told again. Said in words for a person. */
  | { readonly kind: 'not-found' | 'conflict'; readonly message: string };

export type ReplayContext = Pick<FlowContext, 'store' | 'receivers' | 'clock' | 'log'> & {
  /** Has the update looked at at once. */
  readonly wake: (name: string) => void;
};

/**
 * Makes everything due again that one receiver, or every one there is, was told of an update. They get it with the
 * id it had before, and whoever got it already knows it by that.
 */
export async function replay(context: ReplayContext, name: string, receiver?: string): Promise<ReplayResult> {
  let result: ReplayResult | undefined;
  while (!result) result = await attempt(context, name, receiver);
  if (result.kind !== 'due') return result;
  context.log.info({ update: name, receivers: result.receivers }, 'announcement asked for again');
  context.wake(name);
  return result;
}

/** One try; `undefined` when somebody else wrote meanwhile. */
async function attempt(
  { store, receivers, clock }: ReplayContext,
  name: string,
  receiver: string | undefined,
): Promise<ReplayResult | undefined> {
  const stored = await store.get(name);
  if (!stored) return { kind: 'not-found', message: `there is no update ${name}` };
  const known = receivers.map((one) => one.name);
  const result = whomToTell(stored.update, known, receiver);
  if (result.kind !== 'due') return result;
  const now = clock.now();
  const due = replayed(stored.update, now, result.receivers);
  try {
    await store.replace(due, stored.revision);
    return result;
  } catch (error) {
    if (hasCode(error, 'conflict') || hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Only who is there now: what is due to a receiver that was taken away would be due for ever. */
function whomToTell(
  { name, phase, announcements }: Update,
  known: readonly string[],
  receiver: string | undefined,
): ReplayResult {
  if (receiver !== undefined && !known.includes(receiver)) {
    const names = known.length > 0 ? known.join(', ') : 'none';
    return { kind: 'not-found', message: `there is no receiver ${receiver}; known: ${names}` };
  }
  if (!isEnd(phase))
    return { kind: 'conflict', message: `update ${name} is ${phase}: it is told when it has ended` };
  const told = known
    .filter((one) => receiver === undefined || one === receiver)
    .filter((one) => announcements.some((entry) => entry.receiver === one));
  if (told.length > 0) return { kind: 'due', receivers: told };
  const who = receiver ?? 'any receiver there is';
  return { kind: 'conflict', message: `update ${name} (${phase}) never had anything to say to ${who}` };
}
