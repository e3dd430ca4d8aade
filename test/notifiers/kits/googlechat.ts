import { z } from 'zod';
import { secretText } from '../../../src/core/secret-text.ts';
import { googlechat } from '../../../src/notifiers/googlechat.ts';
import { json, type Answer, type CapturedRequest } from '../../support/capture-server.ts';
import { jsonOf, startVendorKit, type Judged, type VendorKit } from '../../support/sink-vendor.ts';

const key = 'AIza-key-of-nobody';
const token = 'token_of-nobody=';
const path = '/v1/spaces/AAAA/messages';

const TextParagraph = z.strictObject({ textParagraph: z.strictObject({ text: z.string() }) });
const ButtonList = z.strictObject({
  buttonList: z.strictObject({
    buttons: z.array(
      z.strictObject({
        text: z.string(),
        onClick: z.strictObject({ openLink: z.strictObject({ url: z.httpUrl() }) }),
      }),
    ),
  }),
});
/** The fields of a message and of cards that may be set and that messages are made of here. */
const Message = z.strictObject({
  text: z.string().optional(),
  fallbackText: z.string().optional(),
  thread: z.strictObject({ threadKey: z.string().max(4000) }).optional(),
  cardsV2: z
    .array(
      z.strictObject({
        cardId: z.string(),
        card: z.strictObject({
          sections: z
            .array(
              z.strictObject({
                widgets: z
                  .array(z.union([TextParagraph, ButtonList]))
                  .min(1)
                  .max(100),
              }),
            )
            .min(1),
        }),
      }),
    )
    .optional(),
});
const Query = z.strictObject({
  ...{ key: z.literal(key), token: z.literal(token) },
  requestId: z.string().optional(),
  messageReplyOption: z.enum(['REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD', 'REPLY_MESSAGE_OR_FAIL']).optional(),
});

/** https://google.aip.dev/193#http11json-representation */
const refused = (code: number, word: string, message: string, headers = {}): Answer =>
  json(code, { error: { code, message, status: word } }, headers);

const urlAt = (server: string): string => `${server}${path}?key=${key}&token=${encodeURIComponent(token)}`;

/** A space with an incoming webhook, and what thread each of its messages is in. */
export interface GooglechatKit extends VendorKit {
  threads(): readonly (string | undefined)[];
}

/** Starts a space with an incoming webhook. */
export async function startGooglechatKit(): Promise<GooglechatKit> {
  const threads = new Map<string, string | undefined>();
  const kit = await startVendorKit({
    module: googlechat,
    settings: (server) => ({ url: secretText(urlAt(server)) }),
    secrets: (server) => [urlAt(server), key, token, encodeURIComponent(token)],
    room: 25_000,
    judge: (request) => judge(request, threads),
    tooOften: (seconds) =>
      refused(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).', {
        'retry-after': String(seconds),
      }),
    refused: refused(403, 'PERMISSION_DENIED', 'The API is called without a valid token.'),
  });
  return { ...kit, threads: () => [...threads.values()] };
}

function judge(request: CapturedRequest, threads: Map<string, string | undefined>): Judged {
  const { method, url, headers, body } = request;
  const { pathname, searchParams } = new URL(url, 'http://chat.example');
  if (method !== 'POST' || pathname !== path) return { answer: refused(404, 'NOT_FOUND', 'Not found.') };
  const invalid = (message: string): Judged => ({ answer: refused(400, 'INVALID_ARGUMENT', message) });
  // https://github.com/rancher/rancher/issues/18784
  if (headers['content-type']?.toLowerCase() !== 'application/json; charset=utf-8')
    return invalid('content type');
  const query = Query.safeParse(Object.fromEntries(searchParams));
  if (!query.success) return invalid(z.prettifyError(query.error));
  if (Buffer.byteLength(body) > 32_000) return invalid('The message is too large.');
  const message = Message.safeParse(jsonOf(body));
  if (!message.success) return invalid(z.prettifyError(message.error));
  const { requestId = String(threads.size), messageReplyOption } = query.data;
  if (!threads.has(requestId)) threads.set(requestId, messageReplyOption && message.data.thread?.threadKey);
  const texts = [message.data.fallbackText ?? '', ...htmlOf(message.data)];
  return {
    answer: json(200, { name: 'spaces/AAAA/messages/1' }),
    shown: {
      id: requestId,
      text: [message.data.text ?? '', ...htmlOf(message.data).map(plain)].join('\n').trim(),
    },
    setOff: [message.data.text ?? '', ...texts].flatMap((text) => text.match(/<users\/\w+>/g) ?? []),
  };
}

/** The text of the cards' paragraphs. */
function htmlOf({ cardsV2 = [] }: z.infer<typeof Message>): readonly string[] {
  return cardsV2
    .flatMap(({ card }) => card.sections.flatMap(({ widgets }) => widgets))
    .flatMap((widget) => ('textParagraph' in widget ? [widget.textParagraph.text] : []));
}

/** Tags are resolved, also those that cards do not know. https://developers.google.com/workspace/chat/format-messages#card-formatting */
function plain(html: string): string {
  return html
    .replace(/<br>/g, '\n')
    .replace(/<[a-z/!][^>]*>?/gi, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
