import { z } from 'zod';
import { messageOf } from '../../../core/errors.ts';
import type { SlackClient } from '../client.ts';
import { plain, right, wrong, type Finding } from './finding.ts';

/** What was found of a token; `undefined` = it does not work. */
export interface CheckedToken {
  readonly finding: Finding;
  readonly scopes: ReadonlySet<string> | undefined;
  /** Whether it is that of a bot. */
  readonly isBot: boolean;
}

const Test = z.object({
  team: z.string().default(''),
  team_id: z.string(),
  user: z.string().default(''),
  bot_id: z.string().optional(),
  // The library has them from the header x-oauth-scopes.
  response_metadata: z.object({ scopes: z.array(z.string()).default([]) }).default({ scopes: [] }),
});

/** Asks whose token it is, and what it may. `name`: of where it is configured. */
export async function checkToken(
  client: SlackClient,
  name: string,
  signal: AbortSignal,
): Promise<CheckedToken> {
  try {
    const {
      team,
      team_id: id,
      user,
      bot_id: bot,
      response_metadata: said,
    } = await client.call('auth.test', {}, Test, signal);
    const finding = right(name, `works: ${plain(user)} in ${plain(team)} (${plain(id)})`);
    return { finding, scopes: new Set(said.scopes), isBot: bot !== undefined };
  } catch (error) {
    return { finding: wrong(name, messageOf(error)), scopes: undefined, isBot: true };
  }
}
