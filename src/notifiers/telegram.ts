import { z } from 'zod';
import { cutToFit } from '../core/cut-to-fit.ts';
import { AppError, codeOfStatus } from '../core/errors.ts';
import { oneLine } from '../core/one-line.ts';
import { secret } from '../core/secret-text.ts';
import { section } from '../core/section.ts';
import type { HttpAnswer } from '../lib/http.ts';
import { sinkModule } from '../lib/sink-module.ts';
import { entitiesOf } from './telegram/entities.ts';

/** UTF-16 units: Telegram has been seen to count code points, which are never more. */
const longestText = 4096;

const allowedToken = "a bot's token as @BotFather gives it (123456:ABC-DEF…)";
const allowedChat = 'the id of a chat such as -1001234567890, or @name of a public channel or group';
const allowedThread = 'the number of a topic, 1 or more';
const allowedApi =
  'the address of a Bot API server such as https://api.telegram.org, without /bot and the token behind it';

const chat = z.union(
  [z.int(allowedChat), z.string().regex(/^(-?\d{1,16}|@[A-Za-z]\w{3,31})$/, allowedChat)],
  allowedChat,
);

const settings = section({
  token: secret(allowedToken, z.string().regex(/^\d+:[\w-]+$/)),
  chat,
  thread: z.int(allowedThread).positive(allowedThread).optional(),
  api: z
    .string(allowedApi)
    // Not `/bot123456:ABC…`, which would be in the log; `bot-api` may well be in an address.
    .regex(/^https?:\/\/(?:(?!\/bot(?![a-z-]))[^?#@\s])+$/, allowedApi)
    .default('https://api.telegram.org'),
});

type Settings = z.output<typeof settings>;

/**
 * A Telegram chat, by a bot.
 * https://core.telegram.org/bots/api#sendmessage
 */
export const telegram = sinkModule('telegram', settings, (given, { http }) => {
  const url = `${given.api.replace(/\/+$/, '')}/bot${given.token}/sendMessage`;
  return {
    async send({ text }, signal) {
      const request = { url, body: JSON.stringify(bodyOf(given, text)), headers: () => ({}) };
      mustBeTaken(given, await http.ask(request, signal));
    },
  };
});

/** Without a `parse_mode` nothing in the text is markup. */
function bodyOf({ chat: to, thread }: Settings, text: string): object {
  const shown = cutToFit(text, (shorter) => shorter.length <= longestText);
  return {
    chat_id: to,
    text: shown,
    entities: entitiesOf(shown),
    link_preview_options: { is_disabled: true },
    ...(thread === undefined ? {} : { message_thread_id: thread }),
  };
}

/** https://core.telegram.org/bots/api#making-requests */
const Refused = z.object({
  ok: z.literal(false),
  error_code: z.int().optional(),
  description: z.string().default(''),
  parameters: z
    .object({ retry_after: z.number().nonnegative(), migrate_to_chat_id: z.int() })
    .partial()
    .default({}),
});
const Answer = z.discriminatedUnion('ok', [z.object({ ok: z.literal(true) }), Refused]);

function mustBeTaken({ token }: Settings, answer: HttpAnswer): void {
  const said = answerIn(answer.body);
  if (said && !said.ok) throw refusal(token, said, answer);
  if (!isSuccess(answer)) throw failure(answer.status, `${answer.status}`, answer.retryAfterMs);
  if (!said) throw failure(502, `${answer.status}, but not as the Bot API does: check api`, undefined);
}

/** A proxy may hand on what the Bot API says with a status of its own. */
function refusal(token: string, said: z.output<typeof Refused>, answer: HttpAnswer): AppError {
  const status = isSuccess(answer) ? (said.error_code ?? 502) : answer.status;
  const words = oneLine(said.description.replaceAll(token, '***'), 300);
  const { migrate_to_chat_id: moved, retry_after: seconds } = said.parameters;
  const cure = moved === undefined ? '' : `set chat to ${moved}`;
  const waitMs = seconds === undefined ? answer.retryAfterMs : seconds * 1000;
  return failure(status, [status, words, cure].filter((part) => part !== '').join(': '), waitMs);
}

function failure(status: number, answered: string, retryAfterMs: number | undefined): AppError {
  const message = `Telegram answered ${answered}`;
  return new AppError(codeOfStatus(status), message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299;
}

function answerIn(body: string): z.output<typeof Answer> | undefined {
  try {
    return Answer.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
