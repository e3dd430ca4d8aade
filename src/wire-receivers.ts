import { createWebhookRequester } from './approvals/webhook.ts';
import type { Config } from './config/load.ts';
import { slackSettings } from './config/slack-variables.ts';
import type { Receiver } from './core/ports.ts';
import type { Rest } from './core/rest.ts';
import { imagePage, type UpdateLink } from './core/update-link.ts';
import type { VoteLinkSettings } from './core/vote-addresses.ts';
import { webhookFormats } from './core/webhook-formats.ts';
import type { WorkloadKey } from './core/workload.ts';
import { createNotifier } from './flows/notifier.ts';
import { createHttp, type Http } from './lib/http.ts';
import { createWebhook } from './notifiers/webhook.ts';
import { openSlack, type Slack, type SlackAround } from './wire-slack.ts';

/** Who is told of updates, and asked. */
export interface Receivers {
  readonly all: readonly Receiver[];
  /** Where clicks come from as well. */
  readonly slack: Slack | undefined;
}

/** What they work with. */
export interface ReceiverParts extends Omit<SlackAround, 'link'> {
  readonly rest: Rest;
  /** What links to vote are made with; undefined = there are none. */
  readonly links: VoteLinkSettings | undefined;
  readonly teamOf: (workload: WorkloadKey) => string | undefined;
}

const outbound = { timeoutMs: 15_000, retries: 2, minDelayMs: 500, userAgent: 'updatekate' };

/**
 * Puts together who is told and asked. Part of the composition root.
 *
 * @throws AppError `bad-config` when variables do not fit each other.
 */
export async function openReceivers(config: Config, parts: ReceiverParts): Promise<Receivers> {
  const link = config.updateLink ?? imagePage;
  const http = createHttp({ ...outbound, clock: parts.clock });
  const settings = slackSettings(config);
  const slack = settings && (await openSlack(settings, { ...parts, link }));
  const told = [...webhooks(config, parts, { http, link }), ...(slack ? [slack.receiver] : [])];
  return { all: [...told, ...notifiers(config, parts, { http, link, slack })], slack };
}

interface Outbound {
  readonly http: Http;
  readonly link: UpdateLink;
}

function webhooks(
  config: Config,
  { clock, links }: ReceiverParts,
  { http, link }: Outbound,
): readonly Receiver[] {
  const {
    webhookUrl,
    webhookKeys = [],
    webhookFormat,
    approvalWebhookUrl,
    approvalWebhookKeys = [],
  } = config;
  const to = { http, clock };
  const format = webhookFormats[webhookFormat];
  const told =
    webhookUrl === undefined ? [] : [createWebhook({ ...to, url: webhookUrl, keys: webhookKeys, format })];
  if (approvalWebhookUrl === undefined) return told;
  const asking = { ...to, links, link, url: approvalWebhookUrl, keys: approvalWebhookKeys };
  return [...told, createWebhookRequester(asking)];
}

/** Those of the file. A name begins with `notify-`, so that none is that of another receiver. */
function notifiers(
  { file }: Config,
  { clock, log, rest, teamOf }: ReceiverParts,
  { http, link, slack }: Outbound & { readonly slack: Slack | undefined },
): readonly Receiver[] {
  return Object.entries(file.notifiers).map(([name, { open, filter, wording, quiet }]) => {
    const sink = open({ http, clock, log, rest, slack: slack?.client });
    return createNotifier({ name: `notify-${name}`, sink, filter, wording, quiet, clock, teamOf, link });
  });
}
