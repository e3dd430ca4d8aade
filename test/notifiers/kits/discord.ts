import { z } from 'zod';
import { secretText } from '../../../src/core/secret-text.ts';
import { discord } from '../../../src/notifiers/discord.ts';
import { json, type CapturedRequest } from '../../support/capture-server.ts';
import { startVendorKit, type Judged, type VendorKit } from '../../support/sink-vendor.ts';
import { resolved } from './discord-markdown.ts';

const id = '1234567890123456789';
const token = 'canary-Discord_token-68chars';
const path = `/api/webhooks/${id}/${token}`;
export const knownThread = '1234567890123456790';

const points = (longest: number) =>
  z.string().refine((text) => Array.from(text).length <= longest, `Must be ${longest} or fewer in length.`);

/** https://docs.discord.com/developers/resources/message#embed-object */
const Embed = z.strictObject({
  title: points(256).optional(),
  description: points(4096).optional(),
  url: z.url().optional(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  color: z.int().min(0).max(0xffffff).optional(),
  footer: z.strictObject({ text: points(2048) }).optional(),
});

/** https://docs.discord.com/developers/resources/webhook#execute-webhook: what can be in it as JSON, without files. */
const Execute = z
  .strictObject({
    content: points(2000),
    username: points(80),
    avatar_url: z.url(),
    tts: z.boolean(),
    embeds: z.array(Embed).max(10),
    allowed_mentions: z.strictObject({
      parse: z.array(z.enum(['roles', 'users', 'everyone'])),
      roles: z.array(z.string()).max(100).optional(),
      users: z.array(z.string()).max(100).optional(),
    }),
    // SUPPRESS_EMBEDS and SUPPRESS_NOTIFICATIONS.
    flags: z.literal([0, 1 << 2, 1 << 12, (1 << 2) | (1 << 12)]),
    thread_name: points(100),
  })
  .partial();

type Execute = z.output<typeof Execute>;

/** Discord's own form of an error. https://docs.discord.com/developers/reference#error-messages */
const refused = (status: number, code: number, message: string, errors?: unknown) =>
  json(status, { message, code, ...(errors === undefined ? {} : { errors }) });

/** Discord, as far as a webhook of it goes, with a sink that posts there. */
export function startDiscordKit(settings: { readonly thread?: string } = {}): Promise<VendorKit> {
  return startVendorKit({
    module: discord,
    settings: (server) => ({ url: secretText(`${server}${path}`), ...settings }),
    secrets: () => [token, path],
    room: 4000,
    judge,
    // https://docs.discord.com/developers/topics/rate-limits#exceeding-a-rate-limit
    tooOften: (seconds) =>
      json(
        429,
        { message: 'You are being rate limited.', retry_after: seconds, global: false },
        { 'retry-after': String(Math.ceil(seconds) + 1), 'x-ratelimit-scope': 'user' },
      ),
    refused: refused(401, 50_027, `Invalid Webhook Token ${token}`),
  });
}

function judge(request: CapturedRequest): Judged {
  const url = new URL(request.url, 'http://discord');
  if (request.method !== 'POST') return { answer: refused(405, 0, '405: Method Not Allowed') };
  if (url.pathname !== path) return { answer: refused(404, 10_015, 'Unknown Webhook') };
  if (request.headers['content-type'] !== 'application/json')
    return { answer: refused(400, 50_035, 'Invalid Form Body') };
  const thread = url.searchParams.get('thread_id') ?? knownThread;
  if (thread !== knownThread) return { answer: refused(404, 10_003, 'Unknown Channel') };
  const read = Execute.safeParse(JSON.parse(request.body));
  if (!read.success) return { answer: refused(400, 50_035, 'Invalid Form Body', z.treeifyError(read.error)) };
  return posted(read.data, url.searchParams.get('wait') === 'true');
}

/** With `wait` it answers with the message; without, it says yes before it has one. */
function posted(body: Execute, isAwaited: boolean): Judged {
  const texts = [
    body.content,
    ...(body.embeds ?? []).flatMap(({ title, description }) => [title, description]),
  ];
  const written = texts.filter((text) => text !== undefined && text.trim() !== '');
  const characters = written
    .slice(body.content ? 1 : 0)
    .reduce((sum, text) => sum + Array.from(text ?? '').length, 0);
  if (written.length === 0) return { answer: refused(400, 50_006, 'Cannot send an empty message') };
  if (characters > 6000) return { answer: refused(400, 50_035, 'Invalid Form Body') };
  const { text, setOff, links } = resolved(written.join('\n'));
  // Mentions are set off unless the message says otherwise, links unfold unless they are in an embed.
  const unfolded = body.content && !((body.flags ?? 0) & (1 << 2)) ? links : [];
  const called = body.allowed_mentions?.parse.length === 0 ? [] : ['whoever is mentioned'];
  return {
    answer: isAwaited ? json(200, { id: '1', content: body.content ?? '' }) : json(204, {}),
    ...{ shown: { text: isAwaited ? text : '' }, setOff: [...setOff, ...unfolded, ...called] },
  };
}
