import { z } from 'zod';
import type { OpenSink } from '../../../src/lib/sink-module.ts';
import { pagerduty } from '../../../src/notifiers/pagerduty.ts';
import { secretText } from '../../../src/core/secret-text.ts';
import type { SinkKit } from '../../contract/sink.ts';
import { json, status, type Answer, type CapturedRequest } from '../../support/capture-server.ts';
import { httpAround, startPlannedServer } from '../../support/planned-answers.ts';

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
export interface PagerdutyKit extends SinkKit {
  /** What was taken, in order. */
  events(): readonly PagerdutyEvent[];
  /** The next request gets this answer. */
  answer(next: Answer): void;
}

export const routingKey = 'R0123456789abcdef0123456789ABCDE';

/** Reads settings, the key of the routing in them. */
export function readSettings(different: object = {}): { open: OpenSink } | { problems: readonly string[] } {
  const read = pagerduty.settings.safeParse({ routingKey: secretText(routingKey), ...different });
  return read.success ? { open: read.data } : { problems: read.error.issues.map(({ message }) => message) };
}

/** The error form: a status, a message, and a list of what is wrong. */
function invalid(errors: readonly string[]): Answer {
  return json(400, { status: 'invalid event', message: 'Event object is invalid', errors });
}

/** A sink that opens alerts of everything, so that the contract has something to see; others by `different`. */
export async function startPagerdutyKit(different?: object): Promise<PagerdutyKit> {
  const everything = [
    'awaiting-approval',
    'approved',
    'rejected',
    'expired',
    'superseded',
    'succeeded',
    'failed',
  ];
  const taken: PagerdutyEvent[] = [];
  const server = await startPlannedServer((response, request) => {
    const judged = judge(request);
    if ('event' in judged) taken.push(judged.event);
    judged.answer(response, request);
  });
  const settings = readSettings({ trigger: everything, ...different, url: `${server.url}/` });
  if ('problems' in settings) throw new Error(settings.problems.join('; '));
  return {
    sink: settings.open(httpAround()),
    secrets: [routingKey],
    events: () => taken,
    shown: () => taken.flatMap((event) => (event.event_action === 'trigger' ? [textOf(event)] : [])),
    // An alert is plain text all over; its people are those of the service.
    setOff: () => [],
    answer: server.plan,
    // The header is HTTP's, not in PagerDuty's documentation; see the test without it.
    refusePace: (seconds) => server.plan(tooMany({ 'retry-after': String(seconds) })),
    refuse: () => server.plan(invalid([`'routing_key' ${routingKey} is not known`])),
    ...{ fail: server.fail, silence: server.silence },
    close: () => server.close(),
  };
}

/** What is taken of a request, and the answer. */
function judge({
  method,
  url,
  body,
}: CapturedRequest): { answer: Answer } | { answer: Answer; event: PagerdutyEvent } {
  if (`${method} ${url}` !== 'POST /v2/enqueue') return { answer: status(404) };
  if (Buffer.byteLength(body) > mostBytes) return { answer: status(413) };
  const { success, data, error } = Event.safeParse(JSON.parse(body));
  if (!success)
    return { answer: invalid(error.issues.map((issue) => `'${issue.path.join('.')}': ${issue.message}`)) };
  const accepted = { status: 'success', message: 'Event processed', dedup_key: data.dedup_key };
  return { answer: json(202, accepted), event: data };
}

/** 429 as it comes. */
export function tooMany(headers: Readonly<Record<string, string>> = {}): Answer {
  return json(429, { status: 'throttle exceeded', message: 'Requests are arriving too quickly' }, headers);
}

/** An alert's title and its details. */
function textOf({ payload }: z.output<typeof Trigger>): string {
  return [payload.summary, ...Object.values(payload.custom_details ?? {})].join('\n');
}
