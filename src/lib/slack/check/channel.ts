import { z } from 'zod';
import { createChannelFinder } from '../channels.ts';
import type { SlackClient } from '../client.ts';

/** A channel as the app sees it. */
export interface SeenChannel {
  readonly id: string;
  readonly isMember: boolean;
  readonly isArchived: boolean;
  readonly isPrivate: boolean;
}

const Info = z
  .object({
    channel: z.object({
      is_member: z.boolean().default(false),
      is_archived: z.boolean().default(false),
      is_private: z.boolean().default(false),
    }),
  })
  .transform(({ channel }) => channel);

/**
 * Looks at a channel, by its name or id.
 *
 * @throws AppError as the finder of channels does.
 */
export async function seeChannel(
  client: SlackClient,
  name: string,
  signal: AbortSignal,
): Promise<SeenChannel> {
  const id = await createChannelFinder(client)(name, signal);
  const seen = await client.call('conversations.info', { channel: id }, Info, signal);
  return { id, isMember: seen.is_member, isArchived: seen.is_archived, isPrivate: seen.is_private };
}
