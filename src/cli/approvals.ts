import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AskedUpdate, movesOf, workloadOf, yesOf } from './asked-update.ts';
import type { Command } from './command.ts';
import { lookUp } from './order.ts';
import { alignColumns, printable } from './text-table.ts';

const options = { json: { type: 'boolean', default: false }, url: { type: 'string' } } as const;
const Answer = z.object({ approvals: z.array(AskedUpdate) });
const head = ['NAME', 'WORKLOAD', 'VOTES', 'UNTIL', 'APPROVERS', 'CHANGE'];

/** `updatekate approvals`: what people are waited for. */
export const approvals: Command = {
  name: 'approvals',
  usage: '[--json] [--url URL]',
  summary: 'lists the updates that await approval',
  async run(args, terminal) {
    const { values } = parseArgs({ args: [...args], options });
    const question = { path: '/api/v1/approvals', answer: Answer, by: 'voter' } as const;
    const answer = await lookUp(terminal, values.url, question);
    if (values.json) terminal.print(JSON.stringify(answer.approvals));
    else if (answer.approvals.length === 0) terminal.print('nothing awaits approval');
    else alignColumns([head, ...answer.approvals.flatMap(rowsOf)]).forEach(terminal.print);
    return 0;
  },
};

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
