import { z } from 'zod';
import type { SlackClient } from './client.ts';

/** Who we are in Slack: every click and every message of ours is held against it. */
export interface SlackIdentity {
  readonly teamId: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly appId: string;
}

const Test = z.object({ team_id: z.string(), bot_id: z.string(), user_id: z.string() });
const Bot = z.object({ bot: z.object({ app_id: z.string() }) });

/** Asks Slack once, and again after a failure. A token has one workspace and one app for ever. */
export function createIdentity(client: SlackClient): (signal: AbortSignal) => Promise<SlackIdentity> {
  let known: SlackIdentity | undefined;
  return async (signal) => {
    if (known) return known;
    const {
      team_id: teamId,
      bot_id: botId,
      user_id: botUserId,
    } = await client.call('auth.test', {}, Test, signal);
    const { bot } = await client.call('bots.info', { bot: botId }, Bot, signal);
    known = { teamId, botId, botUserId, appId: bot.app_id };
    return known;
  };
}
