import { z } from 'zod';
import { secretText } from '../../../src/core/secret-text.ts';
import { mattermost } from '../../../src/notifiers/mattermost.ts';
import { json, status, type Answer, type CapturedRequest } from '../../support/capture-server.ts';
import { jsonOf, startVendorKit, type Judged, type VendorKit } from '../../support/sink-vendor.ts';

const hook = 'xkpd4nobodys8hook9of3mattermost';

/** https://developers.mattermost.com/integrate/reference/message-attachments/ */
const Attachment = z.strictObject({
  fallback: z.string().min(1),
  color: z.string().regex(/^#[0-9a-f]{6}$/i),
  title: z.string().min(1).optional(),
  title_link: z.httpUrl().optional(),
  text: z
    .string()
    .refine((text) => Array.from(text).length <= 16_383)
    .optional(),
});

/** https://developers.mattermost.com/integrate/webhooks/incoming/#parameters */
const Payload = z.strictObject({
  text: z.string().max(16_383).optional(),
  channel: z
    .string()
    .regex(/^@?[a-z0-9._-]+$/)
    .optional(),
  attachments: z.array(Attachment).min(1),
});

/** https://api.mattermost.com/#tag/errors */
const refused = (code: number, id: string): Answer =>
  json(code, { id, message: `for ${hook}`, detailed_error: '', request_id: 'r', status_code: code });

const urlAt = (server: string): string => `${server}/chat/hooks/${hook}`;

/** A Mattermost server with one incoming webhook. */
export const startMattermostKit = (): Promise<VendorKit> =>
  startVendorKit({
    module: mattermost,
    settings: (server) => ({ url: secretText(urlAt(server)) }),
    secrets: (server) => [urlAt(server), hook],
    room: 16_000,
    judge,
    // As the server's limiter answers: no JSON.
    tooOften: (seconds) => status(429, { 'retry-after': String(seconds) }, 'limit exceeded\n'),
    refused: refused(400, 'web.incoming_webhook.invalid.app_error'),
  });

/** An error of Mattermost's, by the last part but one of its name. */
export const mattermostError = (code: number, name: string): Answer =>
  refused(code, `web.incoming_webhook.${name}.app_error`);

function judge({ method, url, headers, body }: CapturedRequest): Judged {
  if (method !== 'POST' || url !== `/chat/hooks/${hook}`) return { answer: mattermostError(400, 'invalid') };
  if (headers['content-type']?.startsWith('application/json') !== true)
    return { answer: mattermostError(400, 'parse') };
  const read = Payload.safeParse(jsonOf(body));
  if (!read.success) return { answer: refused(400, 'model.incoming_hook.parse_data.app_error') };
  const parts = read.data.attachments.map(({ title, title_link: link, text }) => ({
    title:
      title === undefined
        ? []
        : [link === undefined ? shownOf(unslacked(title)) : { shown: title, calls: [] }],
    text: text === undefined ? [] : [shownOf(unslacked(text))],
  }));
  const all = parts.flatMap(({ title, text }) => [...title, ...text]);
  return {
    answer: status(200, { 'content-type': 'text/plain' }, 'ok'),
    shown: { text: all.map(({ shown }) => shown).join('\n') },
    setOff: all.flatMap(({ calls }) => calls),
  };
}

/** What is done to Slack's markup before Markdown is read. */
function unslacked(text: string): string {
  return text
    .replace(/<!(channel|here|all)>/g, '@$1')
    .replace(/<@([a-zA-Z0-9]+)>/g, '@ada')
    .replace(/<([^<|]+)\|([^>]+)>/g, '[$2]($1)');
}

/** Blocks of code are shown as they are, all else is Markdown. What has no width is not seen. */
function shownOf(text: string): { readonly shown: string; readonly calls: readonly string[] } {
  const [, , code] = /^(`{3,})\n([^]*?)\s*\1 *(?:\n|$)/.exec(text) ?? [];
  if (code !== undefined) {
    const after = text.replace(/^(`{3,})\n([^]*?)\s*\1 *(?:\n|$)/, '');
    return { shown: `${code}${after}`.replaceAll('\u2060', ''), calls: callsIn(after) };
  }
  const shown = text
    .replace(/\*\*(.+?)\*\*/g, '$1')
    .replace(/([_~`])(.+?)\1/g, '$2')
    .replace(/\[(.+?)\]\(.+?\)/g, '$1')
    .replace(/&amp;/g, '&');
  return { shown, calls: callsIn(text) };
}

function callsIn(text: string): readonly string[] {
  return text.match(/@[a-z0-9._-]+/gi) ?? [];
}
