import { createWebhookRequester } from '../approvals/webhook.ts';
import type { Config } from '../config/load.ts';
import { slackSettings } from '../config/slack-variables.ts';
import type { Notifier, Receiver } from '../core/ports.ts';
import { imagePage, type UpdateLink } from '../core/update-link.ts';
import type { VoteLinkSettings } from '../core/vote-addresses.ts';
import { webhookFormats } from '../core/webhook-formats.ts';
import type { WorkloadKey } from '../core/workload.ts';
import { createHttp, type Http } from '../lib/http.ts';
import { createWebhook } from '../notifiers/webhook/receiver.ts';
import type { RestOf } from './cluster.ts';
import { openNotifiers } from './notifiers.ts';
import { openSlack, slackClient, type Slack, type SlackAround } from './slack.ts';

/** Who is told of updates, and asked. */
export interface Receivers {
  readonly all: readonly Receiver[];
  /** Those of them who are told of other changes, too. */
  readonly notifiers: readonly Notifier[];
  /** Where clicks come from as well. */
  readonly slack: Slack | undefined;
}

/** What they work with. */
export interface ReceiverParts extends Omit<SlackAround, 'link' | 'proxies'> {
  readonly restOf: RestOf;
  /** What links to vote are made with; undefined = there are none. */
  readonly links: VoteLinkSettings | undefined;
  readonly teamOf: (workload: WorkloadKey) => string | undefined;
}

/** How whoever is told is called. */
export const outbound = { timeoutMs: 15_000, retries: 2, minDelayMs: 500, userAgent: 'updatekate' };

/**
 * Puts together who is told and asked. Part of the composition root.
 *
 * @throws AppError `bad-config` when variables do not fit each other.
 */
export async function openReceivers(config: Config, parts: ReceiverParts): Promise<Receivers> {
  const link = config.updateLink ?? imagePage;
  const { proxies } = config;
  const http = createHttp({ ...outbound, clock: parts.clock, proxies });
  const settings = slackSettings(config);
  const slack = settings && (await openSlack(settings, { ...parts, link, proxies }));
  const told = [...webhooks(config, parts, { http, link }), ...(slack ? [slack.receiver] : [])];
  const client = slack?.client ?? (await slackClient(config));
  const notifiers = openNotifiers(config, { ...parts, http, proxies, link, slack: client });
  return { all: [...told, ...notifiers], notifiers, slack };
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
