import { z } from 'zod';
import { createRecent } from '../recent.ts';
import type { SlackClient } from './client.ts';
import type { SlackIdentity } from './identity.ts';

/** A request of ours as it stands in a channel. */
export interface Posted {
  readonly channel: string;
  /** Slack's name for the message; also the time it was posted, in seconds. */
  readonly ts: string;
  /** Name of the update. */
  readonly update: string;
  /** Of what it shows. */
  readonly hash: string;
  /** Entries of approvers by handle, and whose id each was when people were asked. */
  readonly people: readonly FrozenPerson[];
}

/** `@ada`, and the id of the one user who was called so. */
export interface FrozenPerson {
  readonly name: string;
  readonly id: string;
}

/** Finds our own requests in Slack: the channel is the only place that knows for certain what was posted. */
export interface PostedRequests {
  /** The request for an update, wherever this process has got it from. */
  of(
    channel: string,
    update: { name: string; createdAt: string },
    signal: AbortSignal,
  ): Promise<Posted | undefined>;
  /** The request that is this message, read anew. */
  at(channel: string, ts: string, signal: AbortSignal): Promise<Posted | undefined>;
  /** Saves the next search. */
  remember(posted: Posted): void;
  /** It is not there any more. */
  forget(posted: Posted): void;
}

export const metadataType = 'updatekate_update';
const mostRemembered = 1000;
/** Clocks differ: an update is never posted before it was created, but for this. */
const clockSkewSeconds = 600;

const Message = z.object({
  ts: z.string(),
  bot_id: z.string().optional(),
  metadata: z.object({ event_type: z.string(), event_payload: z.unknown() }).optional(),
});
const Payload = z.object({
  name: z.string(),
  hash: z.string(),
  channel: z.string(),
  people: z.array(z.object({ name: z.string(), id: z.string() })).default([]),
});
const History = z
  .object({ messages: z.array(z.unknown()) })
  // Others' messages may look like anything.
  .transform(({ messages }) => messages.map((one) => Message.safeParse(one).data));

/** The metadata that a request carries. */
export function metadataOf({ update, hash, channel, people }: Omit<Posted, 'ts'>): {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
} {
  return { event_type: metadataType, event_payload: { name: update, hash, channel, people } };
}

/** Looks through the history of channels. */
export function createPostedRequests(
  client: SlackClient,
  identity: (signal: AbortSignal) => Promise<SlackIdentity>,
): PostedRequests {
  const known = createRecent<Posted>(mostRemembered);
  const remember = (posted: Posted): void => known.set(posted.update, posted);
  const search = async (
    channel: string,
    range: Readonly<Record<string, unknown>>,
    matches: (posted: Posted) => boolean,
    signal: AbortSignal,
  ): Promise<Posted | undefined> => {
    const { botId } = await identity(signal);
    const ours = (message: z.output<typeof Message> | undefined): Posted | undefined => {
      const posted = message && read(channel, message, botId);
      return posted && matches(posted) ? posted : undefined;
    };
    const body = { channel, include_all_metadata: true, ...range };
    const paging = {
      answer: History,
      isLast: (one: z.output<typeof Message> | undefined) => ours(one) !== undefined,
    };
    const found = (await client.pages('conversations.history', body, paging, signal)).map(ours);
    return found.find((one) => one !== undefined);
  };
  return {
    remember,
    forget: ({ update }) => known.delete(update),
    async of(channel, { name, createdAt }, signal) {
      const remembered = known.get(name);
      if (remembered?.channel === channel) return remembered;
      const oldest = String(Math.floor(Date.parse(createdAt) / 1000) - clockSkewSeconds);
      const found = await search(channel, { oldest, limit: 200 }, ({ update }) => update === name, signal);
      if (found) remember(found);
      return found;
    },
    at(channel, ts, signal) {
      if (!/^\d{1,12}\.\d{1,9}$/.test(ts)) return Promise.resolve(undefined);
      const range = { latest: ts, oldest: ts, inclusive: true, limit: 1 };
      return search(channel, range, (posted) => posted.ts === ts, signal);
    },
  };
}

/** Anyone may write such metadata: only our own bot's counts, and only where it was posted. */
function read(
  channel: string,
  { ts, bot_id: botId, metadata }: z.output<typeof Message>,
  ourBotId: string,
): Posted | undefined {
  if (botId !== ourBotId || metadata?.event_type !== metadataType) return undefined;
  const payload = Payload.safeParse(metadata.event_payload);
  if (!payload.success || payload.data.channel !== channel) return undefined;
  const { name: update, hash, people } = payload.data;
  return { channel, ts, update, hash, people };
}
