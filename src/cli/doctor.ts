import { parseArgs } from 'node:util';
import { readVariable } from '../config/load.ts';
import { readProxies } from '../config/proxy.ts';
import { slackVariables } from '../config/slack-variables.ts';
import { AppError } from '../core/errors.ts';
import type { Command, Terminal } from './command.ts';

const timeoutMs = 60_000;

/** `updatekate doctor slack`: what is missing in Slack, a line each, and what to do about it. */
export const doctor: Command = {
  name: 'doctor',
  usage: 'slack [--channel CHANNEL]',
  summary: 'says which token, scope or invitation is missing in Slack, and what to do',
  async run(args, terminal) {
    const options = { channel: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length !== 1 || positionals[0] !== 'slack')
      throw new AppError('bad-config', 'it takes what to look at; allowed: slack');
    const { signing, ...checked } = settings(terminal, values.channel);
    // Only here: the other commands need not wait for Slack's library to load.
    const { checkSlack } = await import('../lib/slack/check.ts');
    const findings = await checkSlack(checked, AbortSignal.timeout(timeoutMs));
    const clicks =
      checked.appToken === undefined && !signing
        ? [{ ok: false, line: 'nobody could click: set UK_SLACK_APP_TOKEN or UK_SLACK_SIGNING_SECRET' }]
        : [];
    const all = [...findings, ...clicks];
    for (const { ok, line } of all) terminal.print(`${ok ? 'ok   ' : 'WRONG'} ${line}`);
    return all.every(({ ok }) => ok) ? 0 : 1;
  },
};

function settings({ environment, readFile }: Terminal, channel: string | undefined) {
  const { slackBotToken, slackAppToken, slackSigningSecret, slackChannel, slackApiUrl } = slackVariables;
  const botToken = readVariable(slackBotToken, environment, readFile);
  if (botToken === undefined) throw new AppError('bad-config', 'UK_SLACK_BOT_TOKEN is not set: Slack is off');
  if (channel !== undefined && !slackChannel.schema.safeParse(channel).success)
    throw new AppError('bad-config', `--channel is not allowed; allowed: ${slackChannel.allowed}`);
  return {
    botToken,
    appToken: readVariable(slackAppToken, environment, readFile),
    channel: channel ?? readVariable(slackChannel, environment, readFile),
    apiUrl: readVariable(slackApiUrl, environment, readFile),
    proxies: readProxies(environment).proxies,
    signing: readVariable(slackSigningSecret, environment, readFile) !== undefined,
  };
}
