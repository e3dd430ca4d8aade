import { z } from 'zod';
import { secretText } from '../../../src/core/secret-text.ts';
import { telegram } from '../../../src/notifiers/telegram.ts';
import { json, type Answer, type CapturedRequest } from '../../support/capture-server.ts';
import { startVendorKit, type Judged, type VendorKit } from '../../support/sink-vendor.ts';

const token = '123456:canary-ABC_def1234ghIkl-zyx57W2v1u';
export const knownChat = -1001234567890;
export const knownTopic = 7;

const span = { offset: z.int().min(0), length: z.int().min(1) };

/** Entities that are nothing but another way to show text; links and mentions have fields of their own. */
const Entity = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('code'), ...span }),
  z.strictObject({ type: z.literal(['bold', 'italic', 'underline', 'strikethrough']), ...span }),
]);
type Entity = z.output<typeof Entity>;

/** https://core.telegram.org/bots/api#sendmessage, without what would ask for more of a server: markup, buttons. */
const SendMessage = z.strictObject({
  chat_id: z.union([z.int(), z.string()]),
  message_thread_id: z.int().optional(),
  text: z.string(),
  entities: z.array(Entity).optional(),
  link_preview_options: z.strictObject({ is_disabled: z.boolean() }).partial().optional(),
  disable_notification: z.boolean().optional(),
});
type SendMessage = z.output<typeof SendMessage>;

/** https://core.telegram.org/bots/api#making-requests: the status is the same as in the body. */
export function telegramError(code: number, description: string, parameters?: object): Answer {
  const body = { ok: false, error_code: code, description };
  return json(code, parameters ? { ...body, parameters } : body);
}

/** A Bot API server, with a sink that sends by it. */
export function startTelegramKit(
  settings: { readonly chat?: unknown; readonly thread?: number; readonly apiPath?: string } = {},
): Promise<VendorKit> {
  const { chat = knownChat, apiPath = '', ...rest } = settings;
  return startVendorKit({
    module: telegram,
    settings: (server) => ({ token: secretText(token), chat, api: `${server}${apiPath}`, ...rest }),
    secrets: () => [token],
    room: 4000,
    judge: (request) => judge(request, apiPath.replace(/\/$/, '')),
    tooOften: (seconds) =>
      telegramError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds }),
    refused: telegramError(403, `Forbidden: bot was kicked from the group chat (bot${token})`),
  });
}

function judge(request: CapturedRequest, apiPath: string): Judged {
  if (request.url === `${apiPath}/bot${token}/sendMessage`) return sent(request);
  const isKnown = request.url.startsWith(`${apiPath}/bot${token}/`);
  return { answer: isKnown ? telegramError(404, 'Not Found') : telegramError(401, 'Unauthorized') };
}

function sent({ method, headers, body }: CapturedRequest): Judged {
  const isJson = method === 'POST' && headers['content-type'] === 'application/json';
  const read = SendMessage.safeParse(isJson ? JSON.parse(body) : undefined);
  if (!read.success)
    return { answer: telegramError(400, `Bad Request: ${read.error.issues[0]?.message ?? ''}`) };
  const fault = faultOf(read.data);
  if (fault !== undefined) return { answer: telegramError(400, `Bad Request: ${fault}`) };
  const { text, entities = [], link_preview_options: preview } = read.data;
  const unfolded = preview?.is_disabled ? [] : (text.match(/https?:\/\/\S+/g) ?? []);
  return {
    answer: json(200, { ok: true, result: { message_id: 1, text } }),
    ...{ shown: { text }, setOff: [...mentionsIn(text, entities), ...unfolded] },
  };
}

function faultOf({
  chat_id: chat,
  message_thread_id: topic,
  text,
  entities = [],
}: SendMessage): string | undefined {
  if (![knownChat, String(knownChat), '@acme_deploys'].includes(chat)) return 'chat not found';
  if (topic !== undefined && topic !== knownTopic) return 'message thread not found';
  if (text.trim() === '') return 'message text is empty';
  if (text.length > 4096) return 'message is too long';
  const isWithin = entities.every(({ offset, length }) => offset + length <= text.length);
  return isWithin && entities.every((entity) => isAlone(entity, entities))
    ? undefined
    : "can't parse entities: they overlap";
}

/** Code has nothing in common with any other. https://core.telegram.org/bots/api#formatting-options */
function isAlone(entity: Entity, all: readonly Entity[]): boolean {
  return all.every((other) => {
    const isApart =
      other.offset >= entity.offset + entity.length || entity.offset >= other.offset + other.length;
    return other === entity || isApart || (entity.type !== 'code' && other.type !== 'code');
  });
}

/** As TDLib finds them, but not within code; of entities the first hundred count. */
function mentionsIn(text: string, entities: readonly Entity[]): readonly string[] {
  const codes = entities.slice(0, 100).filter(({ type }) => type === 'code');
  return Array.from(text.matchAll(/(?<![\p{L}\p{N}_])@[A-Za-z0-9_]{2,32}(?![\p{L}\p{N}_])/gu))
    .filter(({ 0: name, index }) =>
      codes.every(({ offset, length }) => index < offset || index + name.length > offset + length),
    )
    .map(([name]) => name);
}
