import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { httpUrl, optional } from './variable.ts';

/** Slack: where people are asked. */
export const slackVariables = {
  slackBotToken: optional({
    name: 'UK_SLACK_BOT_TOKEN',
    doc: 'Asks for approvals in Slack (docs/approvals/slack.md): the Bot User OAuth Token of the app. Empty: Slack is off.',
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
    schema: z.string().regex(/^(?:#?[^\s#<>&]{1,80}|[CG][A-Z0-9]{7,})$/),
  }),
  slackApiUrl: optional({
    name: 'UK_SLACK_API_URL',
    doc: 'Where the Web API is, when a proxy stands in front of it. Empty: https://slack.com/api/.',
    allowed: 'an http or https URL',
    schema: httpUrl,
    url: true,
  }),
} as const;

/** The variables as they were read. */
export interface SlackValues {
  readonly slackBotToken: string | undefined;
  readonly slackAppToken: string | undefined;
  readonly slackSigningSecret: string | undefined;
  readonly slackChannel: string | undefined;
  readonly slackApiUrl: string | undefined;
}

/** What Slack is used with. */
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
 * The settings of Slack; `undefined` when it is off.
 *
 * @throws AppError `bad-config` when the variables do not fit each other.
 */
export function slackSettings(values: SlackValues): SlackSettings | undefined {
  const { slackBotToken: botToken, slackAppToken: appToken, slackSigningSecret: signingSecret } = values;
  if (botToken === undefined) {
    const set = [
      ...(appToken === undefined ? [] : [slackVariables.slackAppToken.name]),
      ...(signingSecret === undefined ? [] : [slackVariables.slackSigningSecret.name]),
      ...(values.slackChannel === undefined ? [] : [slackVariables.slackChannel.name]),
    ];
    if (set.length === 0) return undefined;
    throw new AppError('bad-config', `${set.join(', ')} need UK_SLACK_BOT_TOKEN, which is not set`);
  }
  const shared = { botToken, channel: values.slackChannel, apiUrl: values.slackApiUrl };
  if (appToken !== undefined && signingSecret !== undefined)
    throw new AppError(
      'bad-config',
      'UK_SLACK_APP_TOKEN and UK_SLACK_SIGNING_SECRET are both set: clicks come over Socket Mode or over HTTP, keep one',
    );
  if (appToken !== undefined) return { ...shared, clicks: { kind: 'socket', appToken } };
  if (signingSecret !== undefined) return { ...shared, clicks: { kind: 'http', signingSecret } };
  throw new AppError(
    'bad-config',
    'UK_SLACK_BOT_TOKEN is set, but nobody could click: set UK_SLACK_APP_TOKEN or UK_SLACK_SIGNING_SECRET too',
  );
}
