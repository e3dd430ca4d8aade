import { hasCode, messageOf } from '../../../core/errors.ts';
import type { Proxies } from '../../proxy.ts';
import { createSlackClient, type SlackClient } from '../client.ts';
import { invite, scopeCure } from '../problems.ts';
import { seeChannel } from './channel.ts';
import { note, plain, right, wrong, type Finding } from './finding.ts';
import { checkToken } from './token.ts';

/** A notifier that posts to Slack, as it is configured. */
export interface CheckedNotifier {
  readonly name: string;
  /** Where its token is from. */
  readonly tokenName: string;
  readonly token: string;
  readonly channel: string;
  readonly apiUrl: string | undefined;
  readonly proxies?: Proxies | undefined;
}

type Kind = 'public' | 'private' | 'direct';

const readScopes: Readonly<Record<Kind, string>> = {
  public: 'channels:history',
  private: 'groups:history',
  direct: 'im:history',
};
/** Those of tokens of before 2020 besides. */
const postScopes = ['chat:write', 'chat:write:bot', 'chat:write:user', 'bot'];
const unread =
  'does not see what it has posted: after a crash a message may be there twice, and a restart begins threads anew';

/** Looks at what a notifier needs, and at what it is better with. Posts nothing. */
export async function checkNotifier(
  notifier: CheckedNotifier,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { name, tokenName, token, apiUrl, proxies } = notifier;
  const client = createSlackClient({ token, apiUrl, proxies });
  const { finding, scopes } = await checkToken(client, tokenName, signal);
  if (!scopes) return [finding];
  const mayPost = postScopes.some((scope) => scopes.has(scope));
  const posting = mayPost ? [] : [wrong(name, `cannot post: ${scopeCure('chat:write')}`)];
  return [finding, ...posting, ...(await checkPlace(client, notifier, scopes, signal))];
}

async function checkPlace(
  client: SlackClient,
  { name, channel: given }: CheckedNotifier,
  scopes: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const channel = plain(given);
  if (/^(?:[DUW][A-Z0-9]{7,}|@.+)$/.test(given))
    return [right(name, `posts to ${channel}`), ...reading(name, 'direct', scopes)];
  try {
    const { id, isMember, isArchived, isPrivate } = await seeChannel(client, given, signal);
    const what = `channel ${channel} (${id})`;
    if (isArchived)
      return [wrong(name, `cannot post: ${what} is archived: choose another one, or unarchive it`)];
    if (isMember)
      return [right(name, `posts in ${what}`), ...reading(name, isPrivate ? 'private' : 'public', scopes)];
    // Only public ones are seen from outside.
    return scopes.has('chat:write.public')
      ? [right(name, `posts in ${what}`), note(name, `${unread}: ${invite}`)]
      : [wrong(name, `cannot post: the app is not in ${what}: ${invite}`)];
  } catch (error) {
    const mayBePrivate = hasCode(error, 'not-found') && !scopes.has('groups:read');
    if (!mayBePrivate && !hasCode(error, 'forbidden')) return [wrong(name, messageOf(error))];
    const why = `posts in channel ${channel}, if Slack finds it and the app is in it, which cannot be looked at`;
    return [note(name, `${why}: ${messageOf(error)}`), ...reading(name, 'public', scopes)];
  }
}

function reading(name: string, kind: Kind, scopes: ReadonlySet<string>): readonly Finding[] {
  const scope = readScopes[kind];
  return scopes.has(scope) ? [] : [note(name, `${unread}: ${scopeCure(scope)}`)];
}
