import { parseArgs } from 'node:util';
import { AppError } from '../core/errors.ts';
import type { Finding } from '../lib/slack/check/finding.ts';
import type { Command } from './command.ts';
import { slackToCheck } from './doctor-slack.ts';

const timeoutMs = 60_000;
const marks: Readonly<Record<Finding['state'], string>> = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' };

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
    const { approvals, notifiers, findings } = slackToCheck(terminal, values.channel);
    // Only here: the other commands need not wait for Slack's library to load.
    const { checkSlack } = await import('../lib/slack/check.ts');
    const { checkNotifier } = await import('../lib/slack/check/notifier.ts');
    const signal = AbortSignal.timeout(timeoutMs);
    const found = [
      ...(approvals ? await checkSlack(approvals, signal) : []),
      ...findings,
      ...(await Promise.all(notifiers.map((one) => checkNotifier(one, signal)))).flat(),
    ];
    // Several notifiers may have one token.
    const lines = new Set(found.map(({ state, line }) => `${marks[state]} ${line}`));
    lines.forEach((line) => terminal.print(line));
    return found.some(({ state }) => state === 'wrong') ? 1 : 0;
  },
};
