import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { giveOrder } from './order.ts';

const Answer = z.object({ update: z.string(), receivers: z.array(z.string()) });

/** `updatekate replay`: a receiver lost what it was told, and is told again. */
export const replay: Command = {
  name: 'replay',
  usage: 'NAME [--receiver RECEIVER] [--url URL]',
  summary: 'tells the end of update NAME again, to every receiver or to one',
  async run(args, terminal) {
    const options = { receiver: { type: 'string' }, url: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0)
      throw new AppError('bad-config', 'it takes the name of one update');
    const { update, receivers } = await giveOrder(terminal, values.url, {
      path: `/api/v1/updates/${encodeURIComponent(name)}/replay`,
      body: { receiver: values.receiver },
      answer: Answer,
    });
    terminal.print(`${update} is told again to ${receivers.join(', ')}`);
    return 0;
  },
};
