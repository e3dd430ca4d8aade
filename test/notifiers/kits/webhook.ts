import { z } from 'zod';
import { Webhook } from 'standardwebhooks';
import { hasCdEvent } from '../../../src/core/notice-cdevent.ts';
import { noticeKinds } from '../../../src/core/notice.ts';
import { secretText } from '../../../src/core/secret-text.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { webhook } from '../../../src/notifiers/webhook.ts';
import type { NoticeFormatName } from '../../../src/notifiers/webhook/formats.ts';
import { status, type CapturedRequest } from '../../support/capture-server.ts';
import { cdEventFaults } from '../../support/cdevents-rules.ts';
import { cloudEventFaults } from '../../support/cloudevents-rules.ts';
import { jsonOf, startVendorKit, type Judged, type VendorKit } from '../../support/sink-vendor.ts';

/** What docs/notifiers/webhook.md promises; unknown keys are faults. */
const Said = z.strictObject({
  id: z.string().min(1),
  type: z.enum(noticeKinds),
  timestamp: z.iso.datetime(),
  severity: z.enum(['info', 'warning', 'error']),
  ...{
    thread: z.string(),
    cluster: z.string(),
    namespace: z.string(),
    kind: z.string(),
    workload: z.string(),
  },
  team: z.string().nullable(),
  images: z.array(
    z.strictObject({ container: z.string(), from: z.string().min(1).nullable(), to: z.string().min(1) }),
  ),
  scale: z.strictObject({ from: z.int(), to: z.int() }).nullable(),
  by: z.array(z.string()),
  ...{ reason: z.string().nullable(), message: z.string().nullable(), link: z.string().nullable() },
  text: z.string(),
});
const CdEvent = z.object({ customData: z.unknown() });

/** What is not as the format wants it, and where our own JSON is. */
const readers: Readonly<
  Record<NoticeFormatName, (request: CapturedRequest) => { faults: readonly string[]; said: unknown }>
> = {
  updatekate: ({ headers, body }) => ({
    faults: Object.keys(headers).filter((name) => name.startsWith('ce-')),
    said: jsonOf(body),
  }),
  cloudevents: (request) => ({ faults: cloudEventFaults(request), said: jsonOf(request.body) }),
  cdevents: (request) => {
    const event = jsonOf(request.body);
    const faults = [...cloudEventFaults(request), ...cdEventFaults('cdevents', event)];
    return { faults, said: CdEvent.safeParse(event).data?.customData };
  },
};

export const signingSecrets = ['a', 'b'].map(
  (letter) => `whsec_${Buffer.from(`a test key of at least 24 bytes: ${letter}`).toString('base64')}`,
);
const token = 'token-of-nobody';

/**
 * A program that takes what is signed with the first secret and as its format has it, once by its id; a sink that signs
 * with `secret`, if there is one, and speaks `format`, if there is one.
 */
export function startWebhookKit(
  secret = signingSecrets[0] ?? '',
  format?: NoticeFormatName,
): Promise<VendorKit> {
  return startVendorKit({
    module: webhook,
    settings: (server) => ({
      url: secretText(`${server}/hooks/${token}?key=${token}`),
      ...(secret === '' ? {} : { secret: secretText(secret) }),
      ...(format === undefined ? {} : { format }),
    }),
    // Receivers refuse what was signed more than five minutes ago.
    around: { clock: systemClock },
    secrets: () => [token, ...signingSecrets],
    room: Infinity,
    shows: (kind) => format !== 'cdevents' || hasCdEvent(kind),
    judge: (request) => judge(request, format ?? 'updatekate'),
    tooOften: (seconds) => status(429, { 'retry-after': String(seconds) }),
    refused: status(401, {}, `bad signature, not ${String(signingSecrets[0])}`),
  });
}

function judge(request: CapturedRequest, format: NoticeFormatName): Judged {
  const { method, url, headers, body } = request;
  if (`${method} ${url}` !== `POST /hooks/${token}?key=${token}`) return { answer: status(404) };
  if (headers['content-type'] !== 'application/json') return { answer: status(415) };
  try {
    new Webhook(signingSecrets[0] ?? '').verify(body, headers as Record<string, string>);
  } catch {
    return { answer: status(401) };
  }
  const { faults, said } = readers[format](request);
  const { data } = Said.safeParse(said);
  if (!data || faults.length > 0 || !hasItsId(request, data.id)) return { answer: status(422) };
  return { answer: status(204), shown: { id: data.id, text: data.text } };
}

/** The receiver's key against duplicates is the same one everywhere. */
function hasItsId({ headers }: CapturedRequest, id: string): boolean {
  return headers['webhook-id'] === id && (headers['ce-id'] ?? id) === id;
}
