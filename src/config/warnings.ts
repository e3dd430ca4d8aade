import { deafNotifiers } from './deaf-notifiers.ts';
import type { Duties } from './duties.ts';
import type { Config } from './load.ts';
import { notifiersOf } from './notifiers.ts';
import { isForHttpOnly } from './proxy.ts';
import { receiverVariables } from './receiver-variables.ts';
import { slackSettings } from './slack-variables.ts';
import { watchedPlaces } from './watched.ts';

/** Something that is allowed, and probably not what was meant: a line of the log. */
export interface Warning {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What is to be said of the configuration at the start. */
export function warningsOf(config: Config, duties: Duties): readonly Warning[] {
  const places = watchedPlaces(config);
  const idle = Object.keys(config.file.clusters).filter((name) => !places.has(name));
  const unread = config.proxies?.unread ?? [];
  const { artifactoryUrl: url, artifactoryLogin } = config;
  const isToldToNobody = Object.keys(notifiersOf(config)).length === 0;
  const deaf = deafNotifiers(config, duties);
  const idleReceivers = duties === 'notify' ? receiversOfUpdates(config) : [];
  return [
    ...when(
      url !== undefined && artifactoryLogin === undefined,
      { url },
      'UK_ARTIFACTORY_URL is not used: without UK_ARTIFACTORY_LOGIN what was seen is kept in the store',
    ),
    ...when(
      idleReceivers.length > 0,
      { variables: idleReceivers },
      'these variables mean nothing to updatekate notify, which makes no updates; a notifier of the kind webhook is told of changes',
    ),
    ...when(
      config.proxies !== undefined && isForHttpOnly(config.proxies),
      {},
      'http_proxy is set and https_proxy is not: Slack and all else that is https goes straight, past the proxy',
    ),
    ...when(
      duties === 'all' && isSlackForNotifiers(config),
      {},
      'approvals in Slack are off: UK_SLACK_BOT_TOKEN posts for notifiers, and without UK_SLACK_APP_TOKEN or UK_SLACK_SIGNING_SECRET nobody could click',
    ),
    ...when(unread.length > 0, { entries: unread }, 'these entries of no_proxy mean nothing'),
    ...when(idle.length > 0, { clusters: idle }, 'these clusters are not watched: nothing is done in them'),
    ...when(
      places.size > 0 && isToldToNobody,
      { clusters: [...places.keys()] },
      'changes are watched, and nobody is told: there is no notifier',
    ),
    ...when(
      deaf.toAll.length > 0,
      { notifiers: deaf.toAll },
      'these notifiers are told of nothing: none of their events happens here and is one that they tell',
    ),
    ...when(
      Object.keys(deaf.to).length > 0,
      { namespaces: deaf.to },
      'these notifiers name namespaces that are not watched: nothing in them is told',
    ),
  ];
}

/** Variables of those who are told of updates and of nothing else, as far as they are set. */
function receiversOfUpdates({ webhookUrl, approvalWebhookUrl }: Config): readonly string[] {
  const { webhookUrl: told, approvalWebhookUrl: asked } = receiverVariables;
  return [
    ...(webhookUrl === undefined ? [] : [told.name]),
    ...(approvalWebhookUrl === undefined ? [] : [asked.name]),
  ];
}

function isSlackForNotifiers(config: Config): boolean {
  return config.slackBotToken !== undefined && slackSettings(config) === undefined;
}

function when(isSo: boolean, fields: Warning['fields'], message: string): readonly Warning[] {
  return isSo ? [{ fields, message }] : [];
}
