import { z } from 'zod';
import { hasCode, type AppError } from '../../core/errors.ts';
import type { Notice } from '../../core/notice.ts';
import { createRecent } from '../../lib/recent.ts';
import type { SlackClient } from '../../lib/slack/client.ts';
import { isUnreadable } from '../../lib/slack/problems.ts';

/** What a notice is to a thread: Slack is the only place that knows for certain what was posted. */
type Told = Pick<Notice, 'id' | 'thread'>;

/** Where a notice belongs in a channel. `unread`: why nobody knows whether it, or its thread, is there already. */
export type Place =
  | { readonly kind: 'new'; readonly unread: AppError | undefined }
  | { readonly kind: 'reply'; readonly threadTs: string; readonly unread: AppError | undefined }
  /** It was posted, and whoever did so was stopped before it could be written down. */
  | { readonly kind: 'posted' };

/** Finds the threads of rollouts in a channel, which is given by its id. */
export interface NoticeThreads {
  /** @throws AppError as the client does, but not where the app may post and not read. */
  placeOf(channel: string, notice: Told, signal: AbortSignal): Promise<Place>;
  /** Saves the next search. `ts`: of the thread's first message. */
  remember(channel: string, notice: Told, ts: string): void;
  /** To be called when nothing can be posted in the thread. */
  forget(channel: string, notice: Told): void;
}

const metadataType = 'updatekate_notice';
const mostRemembered = 1000;
/** As many of a channel's last messages as Slack gives at once without strain: older threads are begun anew. */
const recent = 200;

/** Of a person's token there is no bot. */
const Test = z.object({ bot_id: z.string().optional(), user_id: z.string().optional() });
const Message = z.object({
  ts: z.string(),
  thread_ts: z.string().optional(),
  bot_id: z.string().optional(),
  user: z.string().optional(),
  metadata: z.object({
    event_type: z.literal(metadataType),
    event_payload: z.object({ thread: z.string(), id: z.string() }),
  }),
});
const Messages = z
  .object({ messages: z.array(z.unknown()) })
  // Others' messages may look like anything.
  .transform(({ messages }) => messages.flatMap((one) => Message.safeParse(one).data ?? []));

/** The metadata that each message carries. https://docs.slack.dev/messaging/message-metadata/ */
export function metadataOf({ id, thread }: Told): Readonly<Record<string, unknown>> {
  return { event_type: metadataType, event_payload: { thread, id } };
}

/** Messages of ours in a thread, and why there may be others. */
interface Read {
  readonly messages: readonly z.output<typeof Message>[];
  readonly unread: AppError | undefined;
}

/** Reads messages as far as the app may. */
function createReader(client: SlackClient) {
  let self: z.output<typeof Test> | undefined;
  return async (
    method: string,
    body: Readonly<Record<string, unknown>>,
    thread: string,
    signal: AbortSignal,
  ): Promise<Read> => {
    const { bot_id: botId, user_id: userId } = (self ??= await client.call('auth.test', {}, Test, signal));
    const asked = { ...body, include_all_metadata: true, limit: recent };
    // Anyone may write such metadata: only our own counts.
    const isOurs = (one: z.output<typeof Message>): boolean =>
      botId === undefined ? one.user === userId : one.bot_id === botId;
    try {
      const messages = (await client.call(method, asked, Messages, signal))
        .filter(isOurs)
        .filter(({ metadata }) => metadata.event_payload.thread === thread);
      return { messages, unread: undefined };
    } catch (error) {
      // Posting takes fewer rights than reading: people are told, at the risk of a second time.
      if (isUnreadable(error)) return { messages: [], unread: error };
      throw error;
    }
  };
}

/** Looks through the last messages of a channel, and through the threads that it finds. */
export function createNoticeThreads(client: SlackClient): NoticeThreads {
  const known = createRecent<string>(mostRemembered);
  const ours = createReader(client);
  const firstOf = async (
    channel: string,
    told: Told,
    signal: AbortSignal,
  ): Promise<{ readonly threadTs: string | undefined; readonly unread?: AppError | undefined }> => {
    const remembered = known.get(keyOf(channel, told));
    if (remembered !== undefined) return { threadTs: remembered };
    const {
      messages: [found],
      unread,
    } = await ours('conversations.history', { channel }, told.thread, signal);
    // A reply that was shown in the channel, too, is among its messages.
    return { threadTs: found?.thread_ts ?? found?.ts, unread };
  };
  const remember: NoticeThreads['remember'] = (channel, told, ts) => known.set(keyOf(channel, told), ts);
  const forget: NoticeThreads['forget'] = (channel, told) => known.delete(keyOf(channel, told));
  return {
    ...{ remember, forget },
    async placeOf(channel, notice, signal) {
      const { threadTs, unread } = await firstOf(channel, notice, signal);
      if (threadTs === undefined) return { kind: 'new', unread };
      try {
        const all = await ours('conversations.replies', { channel, ts: threadTs }, notice.thread, signal);
        if (all.messages.some(({ metadata }) => metadata.event_payload.id === notice.id))
          return { kind: 'posted' };
        remember(channel, notice, threadTs);
        return { kind: 'reply', threadTs, unread: all.unread };
      } catch (error) {
        // Somebody has deleted it: the next try looks for another one, and else posts anew.
        if (hasCode(error, 'not-found')) forget(channel, notice);
        throw error;
      }
    },
  };
}

/** The channel of a name is another one when somebody has made it anew: no thread of the old one is in it. */
function keyOf(channel: string, { thread }: Told): string {
  return `${channel} ${thread}`;
}
