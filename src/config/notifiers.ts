import { AppError } from '../core/errors.ts';
import { secretText } from '../core/secret-text.ts';
import { Notifiers, type NotifierSettings } from './file/notifiers.ts';
import type { Config } from './load.ts';
import { nameOf } from './variable.ts';
import { watchVariables } from './watch-variables.ts';

/** What it is made of. */
type Told = Pick<Config, 'notifySlackToken' | 'notifySlackChannel' | 'slackBotToken' | 'slackApiUrl'> & {
  readonly file: Pick<Config['file'], 'notifiers'>;
};

/** The name of the one that variables make. */
const ofVariables = 'slack';
const { notifySlackToken: tokenVariable, notifySlackChannel: channelVariable } = watchVariables;

/**
 * Every notifier by its name: those of the file, and the one of `UK_NOTIFY_SLACK_CHANNEL`.
 *
 * @throws AppError `bad-config` when the variables do not fit each other or the file.
 */
export function notifiersOf(config: Told): Readonly<Record<string, NotifierSettings>> {
  const { notifiers } = config.file;
  const { notifySlackToken: own, notifySlackChannel: channel } = config;
  if (channel === undefined) {
    if (own === undefined) return notifiers;
    throw wrong(`${nameOf(tokenVariable)} is set, but not where to post: set ${nameOf(channelVariable)} too`);
  }
  const token = own ?? config.slackBotToken;
  if (token === undefined)
    throw wrong(
      `${nameOf(channelVariable)} is set, but no token that posts there: set ${nameOf(tokenVariable)} too`,
    );
  if (Object.hasOwn(notifiers, ofVariables))
    throw wrong(`${nameOf(channelVariable)} and notifiers.${ofVariables} of UK_CONFIG: keep one of them`);
  return { ...notifiers, ...slackNotifier(channel, token, config.slackApiUrl) };
}

/** As the file would have it. */
function slackNotifier(channel: string, token: string, apiUrl: string | undefined) {
  const settings = { channel, token: secretText(token), ...(apiUrl === undefined ? {} : { apiUrl }) };
  const { success, data } = Notifiers.safeParse({ [ofVariables]: { slack: settings } });
  if (success) return data;
  // The others have been held against the same rules.
  throw wrong(
    `UK_SLACK_API_URL is not allowed where ${nameOf(channelVariable)} is set; allowed: an http or https URL without a login, ? and #`,
  );
}

function wrong(message: string): AppError {
  return new AppError('bad-config', message);
}
