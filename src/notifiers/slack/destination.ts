import { hasCode, type AppError } from '../../core/errors.ts';
import { createChannelFinder } from '../../lib/slack/channels.ts';
import type { SlackClient } from '../../lib/slack/client.ts';

/** What `chat.postMessage` is given as its channel. */
export type Found =
  /** The id of a conversation: what is in it can be looked at, too. */
  | { readonly kind: 'id'; readonly channel: string }
  /** What was configured: posting takes more than reading does. `unseen`: why its id is not known, where it could be. */
  | { readonly kind: 'given'; readonly channel: string; readonly unseen: AppError | undefined };

/** Where the messages of one notifier go. */
export interface Destination {
  /** @throws AppError as the client does, but not for want of a permission. */
  find(signal: AbortSignal): Promise<Found>;
  /** Saves the next search. `id`: of where Slack has posted. */
  remember(id: string): void;
  /** To be called when it cannot be posted to: another channel may have its name by now. */
  forget(): void;
}

/** Finds it by the name or the id that was configured, also where the app may not see channels. */
export function createDestination(client: SlackClient, given: string): Destination {
  const channels = createChannelFinder(client);
  let known: string | undefined;
  return {
    async find(signal) {
      if (known !== undefined) return { kind: 'id', channel: known };
      if (isPerson(given)) return { kind: 'given', channel: given, unseen: undefined };
      try {
        return { kind: 'id', channel: await channels(given, signal) };
      } catch (error) {
        // A private channel may be there all the same, and Slack know it by its name.
        if (!hasCode(error, 'forbidden') && !hasCode(error, 'not-found')) throw error;
        return { kind: 'given', channel: given, unseen: error };
      }
    },
    remember(id) {
      known = id;
    },
    forget() {
      known = undefined;
      channels.forget(given);
    },
  };
}

/** Slack posts to a person by his id or his handle, and reads only by the id of the conversation, which it then says. */
function isPerson(given: string): boolean {
  return /^(?:[UW][A-Z0-9]{7,}|@.+)$/.test(given);
}
