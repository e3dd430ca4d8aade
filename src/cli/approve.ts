import { parseArgs } from 'node:util';
import { castVote } from './cast-vote.ts';
import type { Command } from './command.ts';

const options = {
  hash: { type: 'string' },
  override: { type: 'boolean', default: false },
  reason: { type: 'string' },
  url: { type: 'string' },
} as const;

/** `updatekate approve`: a yes, or with `--override` the release past everyone else. */
export const approve: Command = {
  name: 'approve',
  usage: 'NAME [--hash HASH] [--reason REASON] [--override] [--url URL]',
  summary:
    'shows update NAME and approves it; with --override (and a reason) alone, whoever else was to be asked',
  run(args, terminal) {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const { hash, override, reason, url } = values;
    const vote = override ? 'override' : 'approve';
    return castVote(terminal, { names: positionals, vote, hash, reason, url });
  },
};
