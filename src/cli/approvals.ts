import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { AskedUpdate, movesOf, workloadOf, yesOf } from './asked-update.ts';
import type { Command, Terminal } from './command.ts';
import { lookUp } from './order.ts';
import { alignColumns, printable } from './text-table.ts';

const options = { json: { type: 'boolean', default: false }, url: { type: 'string' } } as const;
const Page = z.object({ approvals: z.array(AskedUpdate), continue: z.string().nullish() });
const path = '/api/v1/approvals';
const head = ['NAME', 'WORKLOAD', 'VOTES', 'UNTIL', 'APPROVERS', 'CHANGE'];

/** `updatekate approvals`: what people are waited for. */
export const approvals: Command = {
  name: 'approvals',
  usage: '[--json] [--url URL]',
  summary: 'lists the updates that await approval',
  async run(args, terminal) {
    const { values } = parseArgs({ args: [...args], options });
    const awaiting = await allPages(terminal, values.url);
    if (values.json) terminal.print(JSON.stringify(awaiting));
    else if (awaiting.length === 0) terminal.print('nothing awaits approval');
    else alignColumns([head, ...awaiting.flatMap(rowsOf)]).forEach(terminal.print);
    return 0;
  },
};

async function allPages(terminal: Terminal, url: string | undefined): Promise<readonly AskedUpdate[]> {
  const updates: AskedUpdate[] = [];
  const followed = new Set<string>();
  let where = path;
  for (;;) {
    const page = await lookUp(terminal, url, { path: where, answer: Page, by: 'voter' });
    updates.push(...page.approvals);
    if (page.continue === undefined || page.continue === null) return updates;
    if (followed.has(page.continue))
      throw new AppError('bad-request', 'the service leads round in a circle: its list has no end');
    followed.add(page.continue);
    where = `${path}?${new URLSearchParams({ continue: page.continue }).toString()}`;
  }
}

/** A row for every container; only the first says the rest. */
function rowsOf(update: AskedUpdate): readonly (readonly string[])[] {
  const { name, votes = 0, given, deadlineAt = '', approvers = [] } = update;
  const rest = [
    ...[printable(name), workloadOf(update), `${yesOf(given)}/${votes}`],
    ...[printable(deadlineAt), approvers.map(printable).join(', ')],
  ];
  const [first = '', ...more] = movesOf(update);
  return [[...rest, first], ...more.map((line) => [...rest.map(() => ''), line])];
}
