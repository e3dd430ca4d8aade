import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { channelName } from '../lib/slack/token.ts';
import type { NotifierSettings } from './file/notifiers.ts';
import { httpUrl, optional } from './variable.ts';

/** Slack: where people are asked. */
export const slackVariables = {
  slackBotToken: optional({
    name: 'UK_SLACK_BOT_TOKEN',
    doc: 'Asks for approvals in Slack (docs/approvals/slack.md), and posts for notifiers without a token of their own: the Bot User OAuth Token of the app.',
    allowed: 'a token that starts with xoxb-',
    schema: z.string().regex(/^xoxb-[\w.-]{8,}$/),
    secret: true,
  }),
  slackAppToken: optional({
    name: 'UK_SLACK_APP_TOKEN',
    doc: 'Takes clicks over Socket Mode, which needs no address that Slack can reach: an app-level token with connections:write.',
    allowed: 'a token that starts with xapp-',
    schema: z.string().regex(/^xapp-[\w.-]{8,}$/),
    secret: true,
  }),
  slackSigningSecret: optional({
    name: 'UK_SLACK_SIGNING_SECRET',
    doc: 'Takes clicks over HTTP at /slack/events instead: the Signing Secret of the app.',
    allowed: 'at least 16 characters',
    schema: z.string().min(16),
    secret: true,
  }),
  slackChannel: optional({
    name: 'UK_SLACK_CHANNEL',
    doc: 'Where people are asked whose workload says nothing else.',
    allowed: 'the name or the id of a channel',
    schema: z.string().regex(channelName),
  }),
  slackApiUrl: optional({
    name: 'UK_SLACK_API_URL',
    doc: 'Where the Web API is, when a proxy stands in front of it. Empty: https://slack.com/api/.',
    allowed: 'an http or https URL',
    schema: httpUrl,
    url: true,
  }),
} as const;

/** The variables as they were read, and what else may post with the token. */
export interface SlackValues extends SlackNotifiers {
  readonly slackBotToken: string | undefined;
  readonly slackAppToken: string | undefined;
  readonly slackSigningSecret: string | undefined;
  readonly slackChannel: string | undefined;
  readonly slackApiUrl: string | undefined;
}

/** Who is told in Slack; what is absent does not tell. */
interface SlackNotifiers {
  readonly notifySlackToken?: string | undefined;
  readonly notifySlackChannel?: string | undefined;
  readonly file?: {
    readonly notifiers: Readonly<Record<string, Pick<NotifierSettings, 'kind' | 'settings'>>>;
  };
}

/** What people are asked with in Slack. */
export interface SlackSettings {
  readonly botToken: string;
  /** How clicks come. */
  readonly clicks:
    | { readonly kind: 'socket'; readonly appToken: string }
    | { readonly kind: 'http'; readonly signingSecret: string };
  readonly channel: string | undefined;
  readonly apiUrl: string | undefined;
}

/**
 * The settings of approvals in Slack; `undefined` when they are off: there is no token, or it is there for notifiers alone.
 *
 * @param isForNotifiers whether a notifier posts with UK_SLACK_BOT_TOKEN.
 * @throws AppError `bad-config` when the variables do not fit each other.
 */
export function slackSettings(
  values: SlackValues,
  isForNotifiers = isPostedWith(values),
): SlackSettings | undefined {
  const { slackBotToken: botToken, slackAppToken: appToken, slackSigningSecret: signingSecret } = values;
  const { slackChannel: channel, slackApiUrl: apiUrl } = values;
  if (botToken === undefined) {
    requireOff(values);
    return undefined;
  }
  if (appToken !== undefined && signingSecret !== undefined)
    throw new AppError(
      'bad-config',
      'UK_SLACK_APP_TOKEN and UK_SLACK_SIGNING_SECRET are both set: clicks come over Socket Mode or over HTTP, keep one',
    );
  const shared = { botToken, channel, apiUrl };
  if (appToken !== undefined) return { ...shared, clicks: { kind: 'socket', appToken } };
  if (signingSecret !== undefined) return { ...shared, clicks: { kind: 'http', signingSecret } };
  if (isForNotifiers && channel === undefined) return undefined;
  const cure = 'set UK_SLACK_APP_TOKEN or UK_SLACK_SIGNING_SECRET too';
  throw new AppError(
    'bad-config',
    isForNotifiers
      ? `UK_SLACK_CHANNEL is set, but nobody could click there: ${cure}, or unset it where nobody is to be asked in Slack`
      : `UK_SLACK_BOT_TOKEN is set, but nobody could click: ${cure}`,
  );
}

/** @throws AppError `bad-config` when something says that it should be on. */
function requireOff({ slackAppToken, slackSigningSecret, slackChannel }: SlackValues): void {
  const set = [
    ...(slackAppToken === undefined ? [] : [slackVariables.slackAppToken.name]),
    ...(slackSigningSecret === undefined ? [] : [slackVariables.slackSigningSecret.name]),
    ...(slackChannel === undefined ? [] : [slackVariables.slackChannel.name]),
  ];
  if (set.length === 0) return;
  throw new AppError('bad-config', `${set.join(', ')} need UK_SLACK_BOT_TOKEN, which is not set`);
}

const WithoutToken = z.object({ token: z.undefined().optional() });

/** Whether a notifier posts with UK_SLACK_BOT_TOKEN: it has no token of its own. */
function isPostedWith({ notifySlackToken, notifySlackChannel, file }: SlackNotifiers): boolean {
  if (notifySlackChannel !== undefined && notifySlackToken === undefined) return true;
  return Object.values(file?.notifiers ?? {}).some(
    ({ kind, settings }) => kind === 'slack' && WithoutToken.safeParse(settings).success,
  );
}
