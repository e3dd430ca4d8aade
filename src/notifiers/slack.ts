import { z } from 'zod';
import { AppError, hasCode } from '../core/errors.ts';
import type { Notice } from '../core/notice.ts';
import type { Message } from '../core/ports.ts';
import { allowedSecret, secret } from '../core/secret-text.ts';
import { section } from '../core/section.ts';
import { sinkModule, type SinkAround } from '../lib/sink-module.ts';
import { channelName, postingToken } from '../lib/slack/token.ts';
import { createDestination, type Found } from './slack/destination.ts';
import { writtenMessage } from './slack/message.ts';
import { createNoticeThreads, metadataOf, type Place } from './slack/threads.ts';

const allowedChannel = 'the name or the id of a channel';
/** YAML takes what begins with # for a comment. */
const quotedChannel = `${allowedChannel}, in quotes when it begins with #`;
const allowedUrl = 'an http or https URL';

/** The settings of one, with its token read. */
export const SlackNotifier = section({
  channel: z
    .string({ error: ({ input }) => (input === null ? quotedChannel : allowedChannel) })
    .regex(channelName, allowedChannel),
  token: secret('a token that starts with xoxb- or xoxp-', z.string().regex(postingToken)).optional(),
  apiUrl: z
    .string(allowedUrl)
    .regex(/^https?:\/\/[^?#@\s]+$/, allowedUrl)
    .optional(),
}).superRefine(({ token, apiUrl }, context) => {
  if (apiUrl === undefined || token !== undefined) return;
  const why = 'as there is an apiUrl: without a token UK_SLACK_BOT_TOKEN posts, where UK_SLACK_API_URL says';
  context.addIssue({ code: 'custom', path: ['token'], message: `${allowedSecret}, ${why}` });
});

const Sent = z.object({ ts: z.string(), channel: z.string().optional() });

/**
 * Slack, by the Web API: one thread for each rollout, and no message twice as far as it may and does look back.
 *
 * Opening it throws AppError `bad-config` when there is no token.
 */
export const slack = sinkModule('slack', SlackNotifier, (given, around) => {
  if (given.token === undefined && !around.slack)
    throw new AppError('bad-config', 'slack: no token to post with: set token, or UK_SLACK_BOT_TOKEN');
  let opened: ReturnType<typeof connect> | undefined;
  let isSaid = false;
  return {
    async send(message, signal) {
      const unread = await post(await (opened ??= connect(given, around)), message, signal);
      if (!unread || isSaid) return;
      isSaid = true;
      const { log } = around;
      log.warn(
        { channel: given.channel, why: unread.message },
        'slack: posted without reading what is there: after a crash it may be there twice, and a restart begins threads anew',
      );
    },
  };
});

/** What posts, as far as it is open. */
type Connected = Awaited<ReturnType<typeof connect>>;

/** Posts it where it belongs in the channel, unless it is there already; gives why that could not be seen. */
async function post(
  connected: Connected,
  message: Message,
  signal: AbortSignal,
): Promise<AppError | undefined> {
  const { client, destination, threads } = connected;
  const { notice } = message;
  const found = await destination.find(signal);
  const place = await placeIn(connected, found, notice, signal);
  if (place.kind === 'posted') return undefined;
  const body = { ...writtenMessage(message), channel: found.channel, metadata: metadataOf(notice) };
  const reply =
    place.kind === 'reply'
      ? // Few follow threads: what went wrong is shown in the channel, too, and that it is over.
        { thread_ts: place.threadTs, reply_broadcast: isForAll(notice) }
      : {};
  try {
    const { ts, channel = found.channel } = await client.call(
      'chat.postMessage',
      { ...body, ...reply },
      Sent,
      signal,
    );
    destination.remember(channel);
    if (place.kind === 'new') threads.remember(channel, notice, ts);
    return place.unread;
  } catch (error) {
    // The channel may be archived, or be gone, and another one have its name: the next try looks it up again.
    if (hasCode(error, 'not-found') || hasCode(error, 'forbidden')) destination.forget();
    // Or somebody has deleted the thread.
    if (hasCode(error, 'not-found')) threads.forget(found.channel, notice);
    throw error;
  }
}

/** Where no id is known, nothing can be read. */
async function placeIn(
  { threads }: Connected,
  found: Found,
  notice: Notice,
  signal: AbortSignal,
): Promise<Place> {
  return found.kind === 'id'
    ? threads.placeOf(found.channel, notice, signal)
    : { kind: 'new', unread: found.unseen };
}

function isForAll({ kind, severity }: Notice): boolean {
  return severity === 'error' || kind === 'workload.recovered';
}

/** Slack's library takes a while to load, and is loaded only where a message goes to Slack. */
async function connect(
  { channel, token, apiUrl }: z.output<typeof SlackNotifier>,
  { slack: usual, proxies }: SinkAround,
) {
  const { createSlackClient } = await import('../lib/slack/client.ts');
  const client =
    token === undefined && usual ? usual : createSlackClient({ token: token ?? '', apiUrl, proxies });
  const destination = createDestination(client, channel);
  return { client, destination, threads: createNoticeThreads(client) };
}
