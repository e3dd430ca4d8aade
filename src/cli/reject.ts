import { parseArgs } from 'node:util';
import { castVote } from './cast-vote.ts';
import type { Command } from './command.ts';

const options = { hash: { type: 'string' }, reason: { type: 'string' }, url: { type: 'string' } } as const;

/** `updatekate reject`: one no is the end of an update. */
export const reject: Command = {
  name: 'reject',
  usage: 'NAME [--hash HASH] [--reason REASON] [--url URL]',
  summary: 'shows update NAME and rejects it, which is its end',
  run(args, terminal) {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const { hash, reason, url } = values;
    return castVote(terminal, { names: positionals, vote: 'reject', hash, reason, url });
  },
};
