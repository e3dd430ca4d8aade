import { z } from 'zod';
import { cutToFit } from '../core/cut-to-fit.ts';
import { AppError, codeOfStatus, type ErrorCode } from '../core/errors.ts';
import type { Severity } from '../core/notice.ts';
import { oneLine } from '../core/one-line.ts';
import type { Message } from '../core/ports.ts';
import { secret } from '../core/secret-text.ts';
import { section } from '../core/section.ts';
import type { HttpAnswer } from '../lib/http.ts';
import { wasTaken } from '../lib/refused-answer.ts';
import { sinkModule } from '../lib/sink-module.ts';
import { escaped, unlinked } from './discord/markdown.ts';

/**
 * Of the description of an embed, in code points: Discord counts as Python does.
 * https://docs.discord.com/developers/resources/message#embed-object-embed-limits
 * https://github.com/discord/discord-api-docs/issues/1315
 */
const longestText = 4096;

const colors: Readonly<Record<Severity, number>> = { info: 0x3498db, warning: 0xf1c40f, error: 0xe74c3c };

const allowedUrl = "the URL of a channel's webhook (https://discord.com/api/webhooks/ID/TOKEN)";
const allowedThread = 'the id of a thread, in quotes, such as "1234567890123456789"';

/** The forms of other vendors (…/slack, …/github) take other bodies. */
const WebhookUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) return false;
  return /\/webhooks\/\d+\/[\w-]+$/.test(url.pathname);
});

const settings = section({
  url: secret(allowedUrl, WebhookUrl),
  thread: z
    .string(allowedThread)
    .regex(/^\d{15,20}$/, allowedThread)
    .optional(),
});

type Settings = z.output<typeof settings>;

/**
 * A Discord channel, or a thread of it, by its webhook.
 * https://docs.discord.com/developers/resources/webhook#execute-webhook
 */
export const discord = sinkModule('discord', settings, (given, { http }) => {
  const url = urlFor(given);
  return {
    async send(message, signal) {
      const answer = await http.ask({ url, body: JSON.stringify(bodyOf(message)), headers }, signal);
      if (!wasTaken('Discord', answer)) throw refusal(given, answer);
    },
  };
});

const headers = (): Readonly<Record<string, string>> => ({});

function urlFor({ url, thread }: Settings): string {
  const to = new URL(url);
  // Without it Discord says yes to what it does not post.
  to.searchParams.set('wait', 'true');
  if (thread !== undefined) to.searchParams.set('thread_id', thread);
  return to.href;
}

/** An embed: it has a color, and nobody is called up, and no link unfolded, by what it says. */
function bodyOf({ notice, text }: Message): object {
  // Escapes only make it longer: of what is beyond the limit already, nothing fits.
  const enough = Array.from(text)
    .slice(0, longestText + 1)
    .join('');
  const fits = (shorter: string): boolean => Array.from(described(shorter)).length <= longestText;
  return {
    embeds: [
      {
        description: described(cutToFit(enough, fits)),
        color: colors[notice.severity],
        timestamp: notice.at,
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** The headline is bold. No links in it: stars in an address would end that. */
function described(text: string): string {
  const [headline = '', ...rest] = text.split('\n');
  const emphasised = headline === '' ? '' : `**${unlinked(headline)}**`;
  return [emphasised, ...rest.map(escaped)].join('\n');
}

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json and, for 429, /topics/rate-limits. */
const Refused = z.object({
  code: z.number().optional(),
  message: z.string(),
  retry_after: z.number().nonnegative().optional(),
});

const unknownWebhook = 10_015;

function refusal({ url }: Settings, { status, body, retryAfterMs }: HttpAnswer): AppError {
  const said = refusedIn(body);
  const words = said ? `: ${said.message}${said.code ? ` (${said.code})` : ''}` : '';
  const token = new URL(url).pathname.split('/').at(-1) ?? url;
  const message = oneLine(`Discord answered ${status}${words}`.replaceAll(token, '***'), 300);
  // The header has whole seconds; Cloudflare, which may answer in front of Discord, has nothing else.
  const waitMs = said?.retry_after === undefined ? retryAfterMs : Math.ceil(said.retry_after * 1000);
  return new AppError(codeOf(status, said?.code), message, {
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}

/** A webhook that was deleted does not come back, and Discord locks out those who go on asking for it. */
function codeOf(status: number, code: number | undefined): ErrorCode {
  return status === 404 && code === unknownWebhook ? 'gone' : codeOfStatus(status);
}

/** Anything may stand in between and answer for Discord. */
function refusedIn(body: string): z.output<typeof Refused> | undefined {
  try {
    return Refused.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
