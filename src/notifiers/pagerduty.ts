import { createHash } from 'node:crypto';
import { z } from 'zod';
import { cutToFit } from '../core/cut-to-fit.ts';
import { AppError, codeOfStatus } from '../core/errors.ts';
import { noticeWords, wordOf, type Notice, type NoticeKind } from '../core/notice.ts';
import { oneLine } from '../core/one-line.ts';
import type { Message } from '../core/ports.ts';
import { secret } from '../core/secret-text.ts';
import { section } from '../core/section.ts';
import type { HttpAnswer } from '../lib/http.ts';
import { wasTaken } from '../lib/refused-answer.ts';
import { sinkModule } from '../lib/sink-module.ts';
import { webLink } from '../lib/web-link.ts';
import { createNewest } from './pagerduty/newest.ts';

const allowedWords = `a list of ${noticeWords.join(', ')}`;
const wordList = z.array(z.enum(noticeWords, allowedWords), allowedWords);
/**
 * All that says of a workload that its pods are up, as they are to be. A scaling does not: nothing may be left of it.
 * Nor does a deletion: what is gone is not well, and whoever is on call should see that.
 */
const ofWell = ['succeeded', 'recovered', 'created', 'image-changed', 'config-changed', 'restarted'];
const severityWords = ['critical', 'error', 'warning', 'info'] as const;
const allowedUrl = 'an address such as https://events.pagerduty.com';

const settings = section({
  routingKey: secret('32 letters and digits', z.string().regex(/^[A-Za-z0-9]{32}$/)),
  trigger: wordList.default(['failed']),
  resolve: wordList.default(ofWell),
  incident: z.enum(['update', 'workload'], 'update or workload').default('workload'),
  severity: z.enum(severityWords, severityWords.join(', ')).optional(),
  url: z
    .string(allowedUrl)
    .regex(/^https?:\/\/[^/?#@\s]+\/?$/, allowedUrl)
    .default('https://events.pagerduty.com'),
}).superRefine(({ trigger, resolve }, context) => {
  if (trigger.length + resolve.length > 0) return;
  const message = `${allowedWords}, with at least one of them in trigger or resolve`;
  context.addIssue({ code: 'custom', path: ['trigger'], message });
});

type Settings = z.output<typeof settings>;

/** https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
const longestSummary = 1024;
const longestKey = 255;
/** UTF-16 units: whatever they are, their JSON is smaller than the 512 KB that an event may have. */
const longestDetails = 64 * 1024;
/** "Preferably with a backoff of a few minutes", where it does not say how long. */
const usualPauseMs = 2 * 60_000;

/**
 * PagerDuty: what fails opens an alert, and what is well closes it. Everything else is none of those on call. What comes
 * late, when a newer message about the same alert has been taken, changes it no more.
 */
export const pagerduty = sinkModule(
  'pagerduty',
  settings,
  (given, { http, clock }) => {
    const url = `${given.url.replace(/\/$/, '')}/v2/enqueue`;
    const newest = createNewest(clock);
    return {
      async send(message, signal) {
        const { notice } = message;
        const action = actionOf(given, notice.kind);
        const key = keyOf(given, notice);
        if (!action || newest.isLate(key, notice)) return;
        const event = {
          ...{ routing_key: given.routingKey, event_action: action, dedup_key: key },
          ...(action === 'trigger' ? alertOf(given, message) : {}),
        };
        const answer = await http.ask({ url, body: JSON.stringify(event), headers: () => ({}) }, signal);
        if (!wasTaken('PagerDuty', answer)) throw refusal(given, answer);
        newest.remember(key, notice);
      },
    };
  },
  (given, kind) => actionOf(given, kind) !== undefined,
);

/** What is in both lists opens an alert: to close one unseen is worse. */
function actionOf({ trigger, resolve }: Settings, kind: NoticeKind): 'trigger' | 'resolve' | undefined {
  const word = wordOf(kind);
  if (trigger.includes(word)) return 'trigger';
  return resolve.includes(word) ? 'resolve' : undefined;
}

function placeOf({ workload }: Notice): string {
  return `${workload.cluster}/${workload.namespace}/${workload.kind}/${workload.name}`;
}

/** The same key is the same alert, for as long as it is open. */
function keyOf({ incident }: Settings, notice: Notice): string {
  const key = incident === 'update' ? notice.thread : `updatekate/${placeOf(notice)}`;
  return key.length <= longestKey ? key : createHash('sha256').update(key).digest('hex');
}

function alertOf({ severity }: Settings, { notice, text }: Message): object {
  const { workload } = notice;
  const link = webLink(notice.link);
  const [headline = ''] = text.split('\n', 1);
  return {
    payload: {
      // It must not be empty, and a template can make it so.
      summary: cutToFit(headline, (cut) => cut.length <= longestSummary) || placeOf(notice),
      source: placeOf(notice),
      severity: severity ?? notice.severity,
      timestamp: notice.at,
      ...{ component: workload.name, group: workload.namespace, class: notice.kind },
      custom_details: { text: cutToFit(text, (cut) => cut.length <= longestDetails) },
    },
    client: 'Updatekate',
    ...(link === undefined ? {} : { client_url: link, links: [{ href: link, text: 'More' }] }),
  };
}

const Refusal = z.object({ message: z.string().optional(), errors: z.array(z.string()).optional() });

function refusal({ routingKey }: Settings, { status, body, retryAfterMs }: HttpAnswer): AppError {
  const { message, errors = [] } = refusalIn(body);
  const said = [message, ...errors].filter((words) => words !== undefined).join('; ');
  const words = said === '' ? '' : `: ${oneLine(said.replaceAll(routingKey, '***'), 300)}`;
  const code = codeOfStatus(status);
  const pauseMs = code === 'rate-limited' ? (retryAfterMs ?? usualPauseMs) : retryAfterMs;
  return new AppError(code, `PagerDuty answered ${status}${words}`, {
    ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }),
  });
}

/** What it says is wrong, where it says so in its own form; anything may stand in between and answer for it. */
function refusalIn(body: string): z.output<typeof Refusal> {
  try {
    return Refusal.catch({}).parse(JSON.parse(body));
  } catch {
    return {};
  }
}
