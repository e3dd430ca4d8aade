import { z } from 'zod';
import { secretText } from '../../../src/core/secret-text.ts';
import { msteams } from '../../../src/notifiers/msteams.ts';
import { json, status, type Answer, type CapturedRequest } from '../../support/capture-server.ts';
import { jsonOf, startVendorKit, type Judged, type VendorKit } from '../../support/sink-vendor.ts';

const sig = 'kXp3-signature_of-nobody';
const path = '/workflows/0123456789abcdef/triggers/manual/paths/invoke';

/** Adaptive Cards 1.2, as far as messages go; unknown keys are faults. https://adaptivecards.io/schemas/1.2.0/adaptive-card.json */
const look = {
  color: z.enum(['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention']).optional(),
  size: z.enum(['Default', 'Small', 'Medium', 'Large', 'ExtraLarge']).optional(),
  weight: z.enum(['Default', 'Lighter', 'Bolder']).optional(),
};
const spacing = z.enum(['None', 'Small', 'Default', 'Medium', 'Large', 'ExtraLarge', 'Padding']).optional();
const TextRun = z.strictObject({ type: z.literal('TextRun'), text: z.string().min(1), ...look });
const RichTextBlock = z.strictObject({
  type: z.literal('RichTextBlock'),
  spacing,
  inlines: z.array(TextRun).min(1),
});
const TextBlock = z.strictObject({
  type: z.literal('TextBlock'),
  ...{ text: z.string(), wrap: z.boolean().optional(), spacing, ...look },
});
const OpenUrl = z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string(), url: z.httpUrl() });
const Card = z.strictObject({
  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json').optional(),
  type: z.literal('AdaptiveCard'),
  // Flows refused 1.5: https://github.com/Skitionek/notify-microsoft-teams/issues/107
  version: z.enum(['1.0', '1.1', '1.2', '1.3', '1.4']),
  msteams: z
    .strictObject({
      width: z.literal('Full'),
      entities: z.array(z.object({ type: z.literal('mention'), text: z.string() })),
    })
    .partial()
    .optional(),
  body: z.array(z.discriminatedUnion('type', [RichTextBlock, TextBlock])).min(1),
  actions: z.array(OpenUrl).optional(),
});

/** https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook */
const Message = z.strictObject({
  type: z.literal('message'),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null().optional(),
        content: Card,
      }),
    )
    .length(1),
});

const refused = (code: number, word: string, message: string, headers = {}): Answer =>
  json(code, { error: { code: word, message } }, headers);

const urlAt = (server: string): string =>
  `${server}${path}?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${sig}`;

/**
 * A Teams workflow that posts the cards it gets to a channel. A real one answers 202 before it looks at the card, and
 * shows nothing when that is wrong or too long; here it says so at once.
 */
export const startMsteamsKit = (): Promise<VendorKit> =>
  startVendorKit({
    module: msteams,
    settings: (server) => ({ url: secretText(urlAt(server)) }),
    secrets: (server) => [urlAt(server), sig],
    // Each line is a block of its own.
    room: 6000,
    judge,
    tooOften: (seconds) =>
      refused(429, 'TooManyRequests', 'Rate limit is exceeded.', { 'retry-after': String(seconds) }),
    refused: refused(
      400,
      'WorkflowTriggerIsNotEnabled',
      "Could not execute workflow '0123456789abcdef' trigger 'manual' with state 'Disabled': trigger is not enabled.",
    ),
  });

function judge({ method, url, headers, body }: CapturedRequest): Judged {
  const { pathname, searchParams } = new URL(url, 'http://teams.example');
  if (method !== 'POST' || pathname !== path)
    return { answer: refused(404, 'WorkflowNotFound', 'The workflow could not be found.') };
  if (searchParams.get('sig') !== sig || searchParams.get('sp') !== '/triggers/manual/run')
    return { answer: refused(401, 'DirectApiAuthorizationRequired', 'The request must be authenticated.') };
  if (headers['content-type']?.startsWith('application/json') !== true)
    return { answer: refused(415, 'UnsupportedMediaType', 'The content type is not supported.') };
  if (Buffer.byteLength(body) > 28 * 1024)
    return { answer: refused(413, 'RequestEntityTooLarge', 'Request Entity too large') };
  const read = Message.safeParse(jsonOf(body));
  if (!read.success) return { answer: refused(400, 'InvalidRequestContent', z.prettifyError(read.error)) };
  const cards = read.data.attachments.map(({ content }) => content);
  return {
    answer: status(202),
    shown: { text: cards.flatMap((card) => card.body.map(shownOf)).join('\n') },
    setOff: cards.flatMap((card) => card.msteams?.entities?.map(({ text }) => text) ?? []),
  };
}

/** Rich text is shown as it is; text blocks are Markdown. */
function shownOf(block: z.infer<typeof Card>['body'][number]): string {
  if (block.type === 'RichTextBlock') return block.inlines.map(({ text }) => text).join('');
  return block.text
    .replace(/\*\*(.+?)\*\*/g, '$1')
    .replace(/_(.+?)_/g, '$1')
    .replace(/\[(.+?)\]\(.+?\)/g, '$1');
}
