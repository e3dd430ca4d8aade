import { z } from 'zod';
import { wordOf } from '../../../src/core/notice.ts';
import { secretText } from '../../../src/core/secret-text.ts';
import { pagerduty } from '../../../src/notifiers/pagerduty.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { json, status, type Answer, type CapturedRequest } from '../../support/capture-server.ts';
import { jsonOf, startVendorKit, type Judged, type VendorKit } from '../../support/sink-vendor.ts';

/** What the Events API takes: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
const key = z.string().min(1).max(255);
const routing = z.string().length(32, "Length of 'routing_key' is incorrect (should be 32 characters)");
const address = z.string().regex(/^https?:\/\/\S+$/);
const Trigger = z.strictObject({
  ...{ routing_key: routing, dedup_key: key.optional(), event_action: z.literal('trigger') },
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    timestamp: z.iso.datetime().optional(),
    ...{ component: z.string().optional(), group: z.string().optional(), class: z.string().optional() },
    custom_details: z.record(z.string(), z.unknown()).optional(),
  }),
  links: z.array(z.strictObject({ href: address, text: z.string().optional() })).optional(),
  client: z.string().optional(),
  client_url: address.optional(),
});
const Resolve = z.strictObject({ routing_key: routing, dedup_key: key, event_action: z.literal('resolve') });
const Event = z.discriminatedUnion('event_action', [Trigger, Resolve]);
/** "Events API payloads are limited to 512 KB" */
const mostBytes = 512 * 1024;

export type PagerdutyEvent = z.output<typeof Event>;

/** The kit, and what only PagerDuty has. */
export interface PagerdutyKit extends VendorKit {
  /** Of the sink; it is later than what usual notices tell of. */
  readonly clock: FakeClock;
  /** What was taken, in order. */
  events(): readonly PagerdutyEvent[];
}

export const routingKey = 'R0123456789abcdef0123456789ABCDE';

/** The error form: a status, a message, and a list of what is wrong. */
function invalid(errors: readonly string[]): Answer {
  return json(400, { status: 'invalid event', message: 'Event object is invalid', errors });
}

/** PagerDuty with one service, and a sink that has these settings. */
export async function startPagerdutyKit(different: object = {}): Promise<PagerdutyKit> {
  const taken: PagerdutyEvent[] = [];
  const clock = createFakeClock(new Date('2026-01-01T00:30:00Z'));
  const kit = await startVendorKit({
    module: pagerduty,
    settings: (server) => ({ routingKey: secretText(routingKey), ...different, url: `${server}/` }),
    around: { clock },
    secrets: () => [routingKey],
    room: 60_000,
    // What closes an alert is not read.
    shows: (kind) => wordOf(kind) === 'failed',
    judge: (request) => judge(request, taken),
    // The header is HTTP's, not in PagerDuty's documentation; see the test without it.
    tooOften: (seconds) => tooMany({ 'retry-after': String(seconds) }),
    refused: invalid([`'routing_key' ${routingKey} is not known`]),
  });
  return { ...kit, clock, events: () => taken };
}

/** What is taken of a request, and the answer. An alert is plain text all over; its people are those of the service. */
function judge({ method, url, body }: CapturedRequest, taken: PagerdutyEvent[]): Judged {
  if (`${method} ${url}` !== 'POST /v2/enqueue') return { answer: status(404) };
  if (Buffer.byteLength(body) > mostBytes) return { answer: status(413) };
  const { success, data, error } = Event.safeParse(jsonOf(body));
  if (!success)
    return { answer: invalid(error.issues.map((issue) => `'${issue.path.join('.')}': ${issue.message}`)) };
  taken.push(data);
  const answer = json(202, { status: 'success', message: 'Event processed', dedup_key: data.dedup_key });
  return data.event_action === 'trigger' ? { answer, shown: { text: textOf(data) } } : { answer };
}

/** 429 as it comes. */
export function tooMany(headers: Readonly<Record<string, string>> = {}): Answer {
  return json(429, { status: 'throttle exceeded', message: 'Requests are arriving too quickly' }, headers);
}

/** An alert's title and its details. */
function textOf({ payload }: z.output<typeof Trigger>): string {
  return [payload.summary, ...Object.values(payload.custom_details ?? {})].join('\n');
}
