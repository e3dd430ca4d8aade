import { z } from 'zod';
import { Webhook } from 'standardwebhooks';
import { noticeKinds } from '../../../src/core/notice.ts';
import { secretText } from '../../../src/core/secret-text.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { webhook } from '../../../src/notifiers/webhook.ts';
import { status, type CapturedRequest } from '../../support/capture-server.ts';
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

export const signingSecrets = ['a', 'b'].map(
  (letter) => `whsec_${Buffer.from(`a test key of at least 24 bytes: ${letter}`).toString('base64')}`,
);
const token = 'token-of-nobody';

/** A program that takes what is signed with the first secret, once by its id; a sink that signs with `secret`, if there is one. */
export function startWebhookKit(secret = signingSecrets[0] ?? ''): Promise<VendorKit> {
  return startVendorKit({
    module: webhook,
    settings: (server) => ({
      url: secretText(`${server}/hooks/${token}?key=${token}`),
      ...(secret === '' ? {} : { secret: secretText(secret) }),
    }),
    // Receivers refuse what was signed more than five minutes ago.
    around: { clock: systemClock },
    secrets: () => [token, ...signingSecrets],
    room: Infinity,
    judge,
    tooOften: (seconds) => status(429, { 'retry-after': String(seconds) }),
    refused: status(401, {}, `bad signature, not ${String(signingSecrets[0])}`),
  });
}

function judge({ method, url, headers, body }: CapturedRequest): Judged {
  if (`${method} ${url}` !== `POST /hooks/${token}?key=${token}`) return { answer: status(404) };
  if (headers['content-type'] !== 'application/json') return { answer: status(415) };
  try {
    new Webhook(signingSecrets[0] ?? '').verify(body, headers as Record<string, string>);
  } catch {
    return { answer: status(401) };
  }
  const { data } = Said.safeParse(jsonOf(body));
  if (!data || data.id !== headers['webhook-id']) return { answer: status(422) };
  return { answer: status(204), shown: { id: data.id, text: data.text } };
}
