import { z } from 'zod';
import type { VoteKind } from '../core/approval.ts';
import { AppError } from '../core/errors.ts';
import { AskedUpdate, movesOf, workloadOf, yesOf } from './asked-update.ts';
import type { ExitCode, Terminal } from './command.ts';
import { giveOrder, lookUp } from './order.ts';
import { printable } from './text-table.ts';

const Counted = z.object({
  update: z.string(),
  phase: z.string(),
  state: z.string(),
  votes: z.int(),
  given: z.array(z.object({ by: z.string(), vote: z.string(), at: z.string() })),
});

/** A vote as it was typed. */
export interface TypedVote {
  readonly names: readonly string[];
  readonly vote: VoteKind;
  readonly hash: string | undefined;
  readonly reason: string | undefined;
  readonly url: string | undefined;
}

/**
 * Votes. Without a hash the update is shown first, and the vote is for what was shown.
 *
 * @throws AppError `bad-config` when it is not one update; the code of a refusal.
 */
export async function castVote(terminal: Terminal, typed: TypedVote): Promise<ExitCode> {
  const [name, ...more] = typed.names;
  if (name === undefined || more.length > 0)
    throw new AppError('bad-config', 'it takes the name of one update: updatekate approvals lists them');
  const path = `/api/v1/updates/${encodeURIComponent(name)}`;
  const hash = typed.hash ?? (await shownHash(terminal, path, typed.url));
  const counted = await giveOrder(terminal, typed.url, {
    ...{ path: `${path}/${typed.vote}`, answer: Counted, by: 'voter' },
    body: { hash, reason: typed.reason },
  });
  const { update, state, phase, votes, given } = counted;
  const count = `${yesOf(given)} of ${votes} approvals`;
  terminal.print(`${printable(update)} is ${printable(state)} (${count}), phase ${printable(phase)}`);
  return 0;
}

/** Shows what the vote is for. */
async function shownHash(terminal: Terminal, path: string, url: string | undefined): Promise<string> {
  const update = await lookUp(terminal, url, { path, answer: AskedUpdate, by: 'voter' });
  if (update.hash === undefined) {
    const why = `update ${printable(update.name)} (${printable(update.phase)}) has not been put to the vote`;
    throw new AppError('conflict', why);
  }
  terminal.print(`${printable(update.name)} of ${workloadOf(update)}`);
  for (const line of movesOf(update)) terminal.print(`  ${line}`);
  return update.hash;
}
