import { z } from 'zod';
import { cutToFit } from '../core/cut-to-fit.ts';
import { AppError, codeOfStatus, type ErrorCode } from '../core/errors.ts';
import type { Severity } from '../core/notice.ts';
import type { Message } from '../core/ports.ts';
import { secret } from '../core/secret-text.ts';
import { section } from '../core/section.ts';
import type { HttpAnswer } from '../lib/http.ts';
import { sinkModule } from '../lib/sink-module.ts';
import { webLink } from '../lib/web-link.ts';

const allowedUrl = 'the URL of an incoming webhook (https://HOST/hooks/…)';
const allowedChannel = 'the name of a channel as it is in its URL, such as town-square, or @ and a user name';

const settings = section({
  url: secret(allowedUrl, z.string().regex(/^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*)?\/hooks\/[A-Za-z0-9]+$/)),
  channel: z
    .string(allowedChannel)
    .regex(/^@?[a-z0-9._-]{1,64}$/, allowedChannel)
    .optional(),
});

/** Of a post, in code points: https://developers.mattermost.com/integrate/webhooks/incoming/#tips-and-best-practices */
const longest = 16_383;

const colors: Readonly<Record<Severity, string>> = { info: '#1c58d9', warning: '#e0a100', error: '#d24b4e' };

/** Mattermost, by an incoming webhook, which knows neither ids nor threads: https://developers.mattermost.com/integrate/webhooks/incoming/ */
export const mattermost = sinkModule('mattermost', settings, ({ url, channel }, { http }) => ({
  async send(message, signal) {
    const body = JSON.stringify({ channel, attachments: [attachmentOf(message)] });
    mustBeTaken(await http.ask({ url, body, headers: () => ({}) }, signal));
  },
}));

/** https://developers.mattermost.com/integrate/reference/message-attachments/ */
function attachmentOf({
  notice: { severity, link, workload },
  text,
}: Message): Readonly<Record<string, unknown>> {
  const [headline = '', ...rest] = text.toWellFormed().split('\n');
  // It must not be empty, and a template can make it so.
  const fallback = headline.trim() === '' ? workload.name : cutTo(headline, 200);
  const look = { fallback, color: colors[severity] };
  if (!isPlain(headline)) return { ...look, text: asCode(text) };
  return {
    ...{ ...look, title: headline },
    title_link: webLink(link),
    ...(rest.length === 0 ? {} : { text: asCode(rest.join('\n')) }),
  };
}

/** What is no markup wherever it stands. Titles with a link are shown as they are, those without are Markdown. */
function isPlain(headline: string): boolean {
  return /^(?![\s-]|\d+[.)])[\p{L}\p{N} .,'()/-]{1,200}$/u.test(headline);
}

/**
 * A block of code: nothing in it is formatted, calls anybody up, or becomes an emoji, a link or a hashtag. Without a
 * language its lines are wrapped.
 */
function asCode(text: string): string {
  // A fence must be longer than any run of backticks in between, and leave room.
  const harmless = unlikeSlack(text).replace(/`{20}(?=`)/g, '$&\u2060');
  const fence = '`'.repeat(
    (harmless.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2) + 1,
  );
  return `${fence}\n${cutTo(harmless, longest - 2 * (fence.length + 1))}\n${fence}`;
}

/**
 * Slack's markup is replaced before anything else is looked at, in code too: `<!here>`, `<@id>`, `<address|words>`. A
 * sign without width after its "<" stops the first two; the third one needs another "<".
 * https://github.com/mattermost/mattermost/blob/master/server/channels/app/slack.go
 */
function unlikeSlack(text: string): string {
  return text.replace(/<(?=[^<|]+\|)/g, '‹').replace(/<(?=[!@])/g, '<\u2060');
}

function cutTo(text: string, most: number): string {
  return cutToFit(text, (shown) => Array.from(shown).length <= most);
}

/** https://github.com/mattermost/mattermost/blob/master/server/channels/app/webhook.go */
const cures: ReadonlyMap<string, readonly [ErrorCode, string]> = new Map([
  ['invalid', ['not-found', 'there is no such webhook any more: make another one']],
  ['disabled', ['forbidden', 'incoming webhooks are off: see System Console, Integration Management']],
  ['channel', ['not-found', "there is no such channel in the webhook's team"]],
  ['channel_locked', ['forbidden', 'the webhook is locked to its channel: leave out channel']],
  ['permissions', ['forbidden', 'whoever made the webhook is not in the channel']],
  ['user', ['forbidden', 'whoever made the webhook, or is to be written to, is not there']],
]);

const Refused = z.object({ id: z.string().regex(/^[a-z0-9_.]{1,100}$/) });

function mustBeTaken({ status, body, retryAfterMs }: HttpAnswer): void {
  if (status === 200 && body.trim() === 'ok') return;
  if (status >= 200 && status <= 299)
    throw new AppError('bad-request', 'Mattermost: what answered is no incoming webhook: check the URL');
  const [code, why] = reasonOf(status, refusedFor(body));
  const options = retryAfterMs === undefined ? {} : { retryAfterMs };
  throw new AppError(code, `Mattermost answered ${status}${why}`, options);
}

function reasonOf(status: number, id: string | undefined): readonly [ErrorCode, string] {
  if (id === undefined) return [codeOfStatus(status), ''];
  const [, name = ''] = /^web\.incoming_webhook\.(\w+)\.app_error$/.exec(id) ?? [];
  const [code, cure] = cures.get(name) ?? [codeOfStatus(status), undefined];
  return [code, cure === undefined ? ` (${id})` : ` (${id}): ${cure}`];
}

/** The name of the error. Its words are in the server's language, and may hold anything. */
function refusedFor(body: string): string | undefined {
  try {
    return Refused.safeParse(JSON.parse(body)).data?.id;
  } catch {
    return undefined;
  }
}
