import { z } from 'zod';
import { hasCode } from '../../core/errors.ts';
import type { Notice } from '../../core/notice.ts';
import { createRecent } from '../../lib/recent.ts';
import type { SlackClient } from '../../lib/slack/client.ts';

/** What a notice is to a thread: Slack is the only place that knows for certain what was posted. */
type Told = Pick<Notice, 'id' | 'thread'>;

/** Where a notice belongs in a channel. */
export type Place =
  | { readonly kind: 'new' }
  | { readonly kind: 'reply'; readonly threadTs: string }
  /** It was posted, and whoever did so was stopped before it could be written down. */
  | { readonly kind: 'posted' };

/** Finds the threads of rollouts in a channel, which is given by its id. */
export interface NoticeThreads {
  /** @throws AppError as the client does. */
  placeOf(channel: string, notice: Told, signal: AbortSignal): Promise<Place>;
  /** Saves the next search. `ts`: of the thread's first message. */
  remember(channel: string, notice: Told, ts: string): void;
}

const metadataType = 'updatekate_notice';
const mostRemembered = 1000;
/** As many of a channel's last messages as Slack gives at once without strain: older threads are begun anew. */
const recent = 200;

const Test = z.object({ bot_id: z.string() });
const Message = z.object({
  ts: z.string(),
  thread_ts: z.string().optional(),
  bot_id: z.string(),
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

/** Looks through the last messages of a channel, and through the threads that it finds. */
export function createNoticeThreads(client: SlackClient): NoticeThreads {
  const known = createRecent<string>(mostRemembered);
  let botId: string | undefined;
  /** Anyone may write such metadata: only our own bot's counts. */
  const ours = async (
    method: string,
    body: Readonly<Record<string, unknown>>,
    thread: string,
    signal: AbortSignal,
  ): Promise<readonly z.output<typeof Message>[]> => {
    botId ??= (await client.call('auth.test', {}, Test, signal)).bot_id;
    const asked = { ...body, include_all_metadata: true, limit: recent };
    const messages = await client.call(method, asked, Messages, signal);
    return messages.filter((one) => one.bot_id === botId && one.metadata.event_payload.thread === thread);
  };
  const firstOf = async (channel: string, told: Told, signal: AbortSignal): Promise<string | undefined> => {
    const remembered = known.get(keyOf(channel, told));
    if (remembered !== undefined) return remembered;
    const [found] = await ours('conversations.history', { channel }, told.thread, signal);
    // A reply that was shown in the channel, too, is among its messages.
    return found?.thread_ts ?? found?.ts;
  };
  const remember: NoticeThreads['remember'] = (channel, told, ts) => known.set(keyOf(channel, told), ts);
  return {
    remember,
    async placeOf(channel, notice, signal) {
      const threadTs = await firstOf(channel, notice, signal);
      if (threadTs === undefined) return { kind: 'new' };
      try {
        const all = await ours('conversations.replies', { channel, ts: threadTs }, notice.thread, signal);
        if (all.some(({ metadata }) => metadata.event_payload.id === notice.id)) return { kind: 'posted' };
      } catch (error) {
        // Somebody has deleted it: the next try looks for another one, and else posts anew.
        if (hasCode(error, 'not-found')) known.delete(keyOf(channel, notice));
        throw error;
      }
      remember(channel, notice, threadTs);
      return { kind: 'reply', threadTs };
    },
  };
}

/** The channel of a name is another one when somebody has made it anew: no thread of the old one is in it. */
function keyOf(channel: string, { thread }: Told): string {
  return `${channel} ${thread}`;
}
