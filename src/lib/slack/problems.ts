import { AppError, hasCode, type ErrorCode } from '../../core/errors.ts';

/** What Slack said no to. */
export interface SlackRefusal {
  readonly method: string;
  /** Slack's code, such as `channel_not_found`. */
  readonly error: string;
  /** Of `missing_scope`: what is asked for. */
  readonly needed?: string | undefined;
}

type Cure = readonly [ErrorCode, string];

const newToken =
  'install the app in the workspace again and set its Bot User OAuth Token (xoxb-…) where this one is from: UK_SLACK_BOT_TOKEN, or UK_NOTIFY_SLACK_TOKEN or token of the notifier';

/** What to do when the app is not in a channel. */
export const invite = 'type /invite @updatekate in the channel';
const inviteApp = `invite the app: ${invite}`;
const archived = 'the channel is archived: choose another one, or unarchive it';

/** What to do about a channel that is not there. */
export const channelCure =
  'check the name; to a private channel the app has to be invited first: /invite @updatekate';

/** Slack's codes that people can do something about: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const cures: Readonly<Record<string, Cure>> = {
  not_authed: ['unauthorized', newToken],
  invalid_auth: ['unauthorized', newToken],
  account_inactive: ['unauthorized', `the app was removed: ${newToken}`],
  token_revoked: ['unauthorized', newToken],
  token_expired: ['unauthorized', `${newToken}, with token rotation off`],
  org_login_required: ['unauthorized', 'the workspace is being moved: wait, or ask its administrators'],
  not_allowed_token_type: [
    'unauthorized',
    'the kinds of tokens are mixed up: UK_SLACK_APP_TOKEN is xapp-…; UK_SLACK_BOT_TOKEN and the token of a notifier are xoxb-… (the latter may be xoxp-…)',
  ],
  socket_mode_not_enabled: ['forbidden', 'turn Socket Mode on in the settings of the app'],
  not_in_channel: ['forbidden', inviteApp],
  is_archived: ['forbidden', archived],
  restricted_action: ['forbidden', 'only some may post in the channel: let the app, or choose another one'],
  is_inactive: ['forbidden', archived],
  no_permission: ['forbidden', inviteApp],
  access_denied: ['forbidden', 'let the administrators of the workspace allow the app to do so'],
  method_not_supported_for_channel_type: ['forbidden', 'choose another channel'],
  edit_window_closed: [
    'forbidden',
    'the workspace lets nobody edit messages so old: allow it under Settings & Permissions, Message Editing',
  ],
  channel_not_found: ['not-found', channelCure],
  message_not_found: ['not-found', 'somebody has deleted it'],
  thread_not_found: ['not-found', 'somebody has deleted it'],
  users_not_found: ['not-found', 'nobody in the workspace has this address'],
  user_not_found: ['not-found', 'nobody in the workspace has this id'],
  ratelimited: ['rate-limited', 'wait'],
  rate_limited: ['rate-limited', 'wait'],
  internal_error: ['unavailable', 'a fault of Slack: https://status.slack.com'],
  fatal_error: ['unavailable', 'a fault of Slack: https://status.slack.com'],
  service_unavailable: ['unavailable', 'a fault of Slack: https://status.slack.com'],
  request_timeout: ['unavailable', 'a fault of Slack: https://status.slack.com'],
  team_added_to_org: ['unavailable', 'the workspace is being moved: wait'],
};

/** The error of a refusal: what failed, what Slack called it, and what to do. Never holds a token. */
export function slackError({ method, error, needed }: SlackRefusal): AppError {
  // Whatever Slack says goes into logs and records: codes only, nothing that an answer might hold besides.
  const code = /^[a-z_]{1,64}$/.test(error) ? error : 'an answer that is not understood';
  if (code === 'missing_scope') {
    const scope = needed !== undefined && /^[a-z.:,_ -]{1,200}$/.test(needed) ? needed : 'that it needs';
    return new AppError('forbidden', `slack: ${method} (missing_scope): ${scopeCure(scope)}`);
  }
  const [kind, cure] = cures[code] ?? ['bad-request', undefined];
  return new AppError(kind, `slack: ${method} (${code})${cure === undefined ? '' : `: ${cure}`}`);
}

/** Whether the app may not read what is there. Whether it may post there is another matter. */
export function isUnreadable(error: unknown): error is AppError {
  // A thread or a message that is not found is one that somebody has deleted.
  const isUnseen = hasCode(error, 'not-found') && error.message.includes('(channel_not_found)');
  return isUnseen || hasCode(error, 'forbidden');
}

/** What to do about a scope that the app has not got. */
export function scopeCure(scope: string): string {
  return `add the scope ${scope} under OAuth & Permissions and install the app again`;
}
