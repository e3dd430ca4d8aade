import { createWebhookRequester } from './approvals/webhook.ts';
import type { Config } from './config/load.ts';
import { slackSettings } from './config/slack-variables.ts';
import type { Receiver } from './core/ports.ts';
import { imagePage, type UpdateLink } from './core/update-link.ts';
import type { VoteLinkSettings } from './core/vote-addresses.ts';
import { webhookFormats } from './core/webhook-formats.ts';
import { createHttp } from './lib/http.ts';
import { createWebhook } from './notifiers/webhook.ts';
import { openSlack, type Slack, type SlackAround } from './wire-slack.ts';

/** Who is told of updates, and asked. */
export interface Receivers {
  readonly all: readonly Receiver[];
  /** Where clicks come from as well. */
  readonly slack: Slack | undefined;
}

const outbound = { timeoutMs: 15_000, retries: 2, minDelayMs: 500, userAgent: 'updatekate' };

/**
 * Puts together who is told and asked. Part of the composition root.
 *
 * @param links what links to vote are made with; undefined = there are none.
 * @throws AppError `bad-config` when variables do not fit each other.
 */
export async function openReceivers(
  config: Config,
  around: Omit<SlackAround, 'link'>,
  links: VoteLinkSettings | undefined,
): Promise<Receivers> {
  const link = config.updateLink ?? imagePage;
  const settings = slackSettings(config);
  const slack = settings && (await openSlack(settings, { ...around, link }));
  const all = [...webhooks(config, around, { links, link }), ...(slack ? [slack.receiver] : [])];
  return { all, slack };
}

function webhooks(
  config: Config,
  { clock }: Pick<SlackAround, 'clock'>,
  asking: { readonly links: VoteLinkSettings | undefined; readonly link: UpdateLink },
): readonly Receiver[] {
  const to = { http: createHttp({ ...outbound, clock }), clock };
  const {
    webhookUrl,
    webhookKeys = [],
    webhookFormat,
    approvalWebhookUrl,
    approvalWebhookKeys = [],
  } = config;
  const format = webhookFormats[webhookFormat];
  const told =
    webhookUrl === undefined ? [] : [createWebhook({ ...to, url: webhookUrl, keys: webhookKeys, format })];
  if (approvalWebhookUrl === undefined) return told;
  const ask = { ...to, ...asking, url: approvalWebhookUrl, keys: approvalWebhookKeys };
  return [...told, createWebhookRequester(ask)];
}
