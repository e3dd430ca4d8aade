import { z } from 'zod';
import { AppError, hasCode } from '../../core/errors.ts';
import type { SlackClient } from './client.ts';
import { channelCure } from './problems.ts';

/** Finds channels by what an operator may call them: an id, or a name with or without `#`. */
export interface ChannelFinder {
  /** The channel's id. */
  (name: string, signal: AbortSignal): Promise<string>;
  /**
   * To be called when the channel cannot be written to: it may have been archived or deleted, and another one have its
   * name. The next call looks it up again.
   */
  forget(name: string): void;
}

const Channels = z
  .object({ channels: z.array(z.object({ id: z.string(), name: z.string() })) })
  .transform(({ channels }) => channels);

/** Whether it is an id already: of a channel, or of a direct message. */
export function isChannelId(text: string): boolean {
  return /^[CDG][A-Z0-9]{7,}$/.test(text);
}

/**
 * Finds the id of a channel. Found ones are remembered until they are to be forgotten: a channel that is renamed keeps its
 * id.
 *
 * The finder throws AppError `not-found` with what to do, and whatever the client throws.
 */
export function createChannelFinder(client: SlackClient): ChannelFinder {
  const known = new Map<string, string>();
  const find = async (name: string, signal: AbortSignal): Promise<string> => {
    const plain = plainOf(name);
    if (isChannelId(plain)) return plain;
    const found = known.get(plain) ?? (await lookUp(client, plain, signal));
    if (found === undefined) {
      const what = `slack: there is no channel #${plain.slice(0, 80)} that the app can see`;
      throw new AppError('not-found', `${what}: ${channelCure}`);
    }
    known.set(plain, found);
    return found;
  };
  return Object.assign(find, { forget: (name: string): void => void known.delete(plainOf(name)) });
}

function plainOf(name: string): string {
  return name.replace(/^#/, '');
}

async function lookUp(client: SlackClient, name: string, signal: AbortSignal): Promise<string | undefined> {
  const isIt = (channel: { readonly name: string }): boolean => channel.name === name.toLowerCase();
  const among = async (types: string): Promise<string | undefined> => {
    const body = { types, exclude_archived: true, limit: 1000 };
    const paging = { answer: Channels, isLast: isIt };
    return (await client.pages('conversations.list', body, paging, signal)).find(isIt)?.id;
  };
  try {
    return await among('public_channel,private_channel');
  } catch (error) {
    // Whoever has only public channels need not grant the scope for others.
    if (!hasCode(error, 'forbidden')) throw error;
    return among('public_channel');
  }
}
