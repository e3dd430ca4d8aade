import { z } from 'zod';
import { printable } from './text-table.ts';

const Moves = z.array(z.object({ container: z.string(), from: z.string(), to: z.string() }));
const Vote = z.object({ by: z.string(), vote: z.string(), at: z.string() });

/** An update as the service shows it; the last six only where people are asked about it. */
export const AskedUpdate = z.looseObject({
  name: z.string(),
  workload: z.object({ namespace: z.string(), kind: z.string(), name: z.string() }),
  phase: z.string(),
  moves: Moves,
  state: z.string().optional(),
  votes: z.int().optional(),
  given: z.array(Vote).optional(),
  approvers: z.array(z.string()).optional(),
  deadlineAt: z.string().optional(),
  hash: z.string().optional(),
});
export type AskedUpdate = z.output<typeof AskedUpdate>;

/** `shop/Deployment/web`. */
export function workloadOf({ workload: { namespace, kind, name } }: AskedUpdate): string {
  return printable(`${namespace}/${kind}/${name}`);
}

/** Old and new image of every container, a line each. */
export function movesOf({ moves }: AskedUpdate): readonly string[] {
  return moves.map(
    ({ container, from, to }) => `${printable(container)}: ${printable(from)} -> ${printable(to)}`,
  );
}

/** How many have said yes. */
export function yesOf(given: readonly z.output<typeof Vote>[] = []): number {
  return new Set(given.filter(({ vote }) => vote !== 'reject').map(({ by }) => by)).size;
}
