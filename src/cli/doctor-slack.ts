import { variables } from '../config/environment.ts';
import { readVariable } from '../config/load.ts';
import { readProxies } from '../config/proxy.ts';
import { slackNotifiers } from '../config/slack-notifiers.ts';
import { slackSettings, type SlackValues } from '../config/slack-variables.ts';
import { nameOf, type Variable } from '../config/variable.ts';
import { AppError, hasCode } from '../core/errors.ts';
import type { SlackChecked } from '../lib/slack/check.ts';
import { note, wrong, type Finding } from '../lib/slack/check/finding.ts';
import type { CheckedNotifier } from '../lib/slack/check/notifier.ts';
import type { Terminal } from './command.ts';

/** What is to be looked at in Slack. */
export interface SlackToCheck {
  /** `undefined` = there is no token to ask people with, or it is there for notifiers alone. */
  readonly approvals: SlackChecked | undefined;
  readonly notifiers: readonly CheckedNotifier[];
  /** What is found without asking Slack. */
  readonly findings: readonly Finding[];
}

type Poster = Omit<CheckedNotifier, 'token' | 'channel' | 'proxies'> & {
  readonly token: string | undefined;
  readonly channel: string | undefined;
};

/**
 * Reads it from the environment and the file of `UK_CONFIG`.
 *
 * @param channel of approvals, or where nobody is asked of the notifiers, instead of what is configured.
 * @throws AppError `bad-config` when Slack is off, or something is not allowed.
 */
export function slackToCheck(terminal: Terminal, channel: string | undefined): SlackToCheck {
  const { slackChannel } = variables;
  if (channel !== undefined && !slackChannel.schema.safeParse(channel).success)
    throw new AppError('bad-config', `--channel is not allowed; allowed: ${slackChannel.allowed}`);
  const values = slackValues(terminal);
  const { slackBotToken: botToken, slackAppToken: appToken, slackApiUrl: apiUrl } = values;
  const posters = [...posterOfVariables(terminal, values), ...postersOfFile(terminal, values)];
  if (botToken === undefined && posters.length === 0)
    throw new AppError(
      'bad-config',
      'UK_SLACK_BOT_TOKEN is not set, and there is no Slack notifier: Slack is off',
    );
  const { isOn, findings } = approvalsOf(values, posters);
  const { proxies } = readProxies(terminal.environment);
  const asked = { channel: channel ?? values.slackChannel, apiUrl, proxies };
  const approvals = isOn && botToken !== undefined ? { botToken, appToken, ...asked } : undefined;
  const placed = posters.map((one) => ({
    ...one,
    channel: (approvals ? undefined : channel) ?? one.channel,
  }));
  return {
    approvals,
    notifiers: placed.flatMap(({ token, channel: to, ...one }) =>
      token === undefined || to === undefined ? [] : [{ ...one, token, channel: to, proxies }],
    ),
    findings: [...findings, ...placed.flatMap(missingOf)],
  };
}

function slackValues({ environment, readFile }: Terminal): SlackValues {
  const read = <T>(variable: Variable<T>): T | undefined => readVariable(variable, environment, readFile);
  return {
    slackBotToken: read(variables.slackBotToken),
    slackAppToken: read(variables.slackAppToken),
    slackSigningSecret: read(variables.slackSigningSecret),
    slackChannel: read(variables.slackChannel),
    slackApiUrl: read(variables.slackApiUrl),
  };
}

/** Where `UK_SLACK_BOT_TOKEN` posts for those without a token of their own. */
const ofBot = ({ slackBotToken: token, slackApiUrl: apiUrl }: SlackValues) => ({
  ...{ tokenName: variables.slackBotToken.name, token, apiUrl },
});

function posterOfVariables({ environment, readFile }: Terminal, values: SlackValues): readonly Poster[] {
  const [own, channel] = [variables.notifySlackToken, variables.notifySlackChannel];
  const token = readVariable(own, environment, readFile);
  const to = readVariable(channel, environment, readFile);
  if (token === undefined && to === undefined) return [];
  const using = token === undefined ? {} : { tokenName: nameOf(own), token };
  return [{ name: nameOf(channel), channel: to, ...ofBot(values), ...using }];
}

function postersOfFile({ environment, readFile }: Terminal, values: SlackValues): readonly Poster[] {
  const path = readVariable(variables.configPath, environment, readFile);
  return slackNotifiers(path, { environment, readFile }).map(({ name: key, token, channel, apiUrl }) => {
    const name = `notifiers.${key}.slack`;
    const using = token === undefined ? ofBot(values) : { tokenName: `${name}.token`, token, apiUrl };
    return { name, channel, ...using };
  });
}

/** What the service would say about it at its start. */
function approvalsOf(
  values: SlackValues,
  posters: readonly Poster[],
): { readonly isOn: boolean; readonly findings: readonly Finding[] } {
  const { name } = variables.slackBotToken;
  try {
    const isOn =
      slackSettings(
        values,
        posters.some(({ tokenName }) => tokenName === name),
      ) !== undefined;
    const isOff = !isOn && values.slackBotToken !== undefined;
    return {
      isOn,
      findings: isOff ? [note(name, 'posts for notifiers alone: approvals in Slack are off')] : [],
    };
  } catch (error) {
    if (!hasCode(error, 'bad-config')) throw error;
    return { isOn: true, findings: [{ state: 'wrong', line: error.message }] };
  }
}

function missingOf({ name, token, channel }: Poster): readonly Finding[] {
  return [
    ...(token === undefined
      ? [wrong(name, 'has no token to post with: set one of its own, or UK_SLACK_BOT_TOKEN')]
      : []),
    ...(channel === undefined ? [wrong(name, 'is not set: nobody knows where to post')] : []),
  ];
}
