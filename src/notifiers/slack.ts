import { z } from 'zod';
import { AppError, hasCode } from '../core/errors.ts';
import type { Notice } from '../core/notice.ts';
import type { Message } from '../core/ports.ts';
import { allowedSecret, secret } from '../core/secret-text.ts';
import { section } from '../core/section.ts';
import { sinkModule, type SinkAround } from '../lib/sink-module.ts';
import { createChannelFinder } from '../lib/slack/channels.ts';
import { writtenMessage } from './slack/message.ts';
import { createNoticeThreads, metadataOf } from './slack/threads.ts';

const allowedChannel = 'the name or the id of a channel';
const allowedUrl = 'an http or https URL';

const settings = section({
  channel: z.string(allowedChannel).regex(/^#?[^\s#<>&]{1,80}$/, allowedChannel),
  token: secret('a token that starts with xoxb-', z.string().regex(/^xoxb-[\w.-]{8,}$/)).optional(),
  apiUrl: z
    .string(allowedUrl)
    .regex(/^https?:\/\/[^?#@\s]+$/, allowedUrl)
    .optional(),
}).superRefine(({ token, apiUrl }, context) => {
  if (apiUrl === undefined || token !== undefined) return;
  const why = 'as there is an apiUrl: without a token UK_SLACK_BOT_TOKEN posts, where UK_SLACK_API_URL says';
  context.addIssue({ code: 'custom', path: ['token'], message: `${allowedSecret}, ${why}` });
});

const Sent = z.object({ ts: z.string() });

/**
 * Slack, by the Web API: one thread for each rollout, and no message twice as far as it looks back.
 *
 * Opening it throws AppError `bad-config` when there is no token.
 */
export const slack = sinkModule('slack', settings, (given, around) => {
  if (given.token === undefined && !around.slack)
    throw new AppError('bad-config', 'slack: no token to post with: set token, or UK_SLACK_BOT_TOKEN');
  let opened: ReturnType<typeof connect> | undefined;
  return {
    async send(message, signal) {
      const connected = await (opened ??= connect(given, around));
      const channel = await connected.channels(given.channel, signal);
      try {
        await post(connected, channel, message, signal);
      } catch (error) {
        // The channel may be archived, or be gone, and another one have its name: the next try looks it up again.
        if (hasCode(error, 'not-found') || hasCode(error, 'forbidden'))
          connected.channels.forget(given.channel);
        throw error;
      }
    },
  };
});

/** What posts, as far as it is open. */
type Connected = Awaited<ReturnType<typeof connect>>;

/** Posts it where it belongs in the channel, unless it is there already. */
async function post(
  { client, threads }: Connected,
  channel: string,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  const { notice } = message;
  const place = await threads.placeOf(channel, notice, signal);
  if (place.kind === 'posted') return;
  const body = { ...writtenMessage(message), channel, metadata: metadataOf(notice) };
  const reply =
    place.kind === 'reply'
      ? // Few follow threads: what went wrong is shown in the channel, too, and that it is over.
        { thread_ts: place.threadTs, reply_broadcast: isForAll(notice) }
      : {};
  const { ts } = await client.call('chat.postMessage', { ...body, ...reply }, Sent, signal);
  if (place.kind === 'new') threads.remember(channel, notice, ts);
}

function isForAll({ kind, severity }: Notice): boolean {
  return severity === 'error' || kind === 'workload.recovered';
}

/** Slack's library takes a while to load, and is loaded only where a message goes to Slack. */
async function connect({ token, apiUrl }: z.output<typeof settings>, { slack: usual, proxies }: SinkAround) {
  const { createSlackClient } = await import('../lib/slack/client.ts');
  const client =
    token === undefined && usual ? usual : createSlackClient({ token: token ?? '', apiUrl, proxies });
  return { client, channels: createChannelFinder(client), threads: createNoticeThreads(client) };
}
