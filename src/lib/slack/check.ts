import { z } from 'zod';
import { hasCode, messageOf } from '../../core/errors.ts';
import type { Proxies } from '../proxy.ts';
import { seeChannel } from './check/channel.ts';
import { plain, right, wrong, type Finding } from './check/finding.ts';
import { checkToken } from './check/token.ts';
import { createSlackClient, type SlackClient } from './client.ts';
import { invite, scopeCure } from './problems.ts';

/** What is looked at; tokens as they are configured. */
export interface SlackChecked {
  readonly botToken: string;
  readonly appToken: string | undefined;
  readonly channel: string | undefined;
  readonly apiUrl: string | undefined;
  readonly proxies?: Proxies | undefined;
}

/** What each scope of the bot is for. */
const neededScopes: readonly (readonly [scope: string, use: string])[] = [
  ['chat:write', 'asks, edits and answers'],
  ['channels:read', 'finds the channel by its name'],
  ['channels:history', 'finds its own messages again after a restart'],
  ['users:read', 'knows who clicked'],
  ['users:read.email', 'knows people by the address that lists of approvers hold'],
  ['usergroups:read', 'knows the members of user groups'],
];
/** The same for private channels. */
const privateScopes: readonly (readonly [string, string])[] = [
  ['groups:read', 'sees a private channel'],
  ['groups:history', 'finds its own messages in a private channel again'],
];

const Opened = z.object({ url: z.string() });

/** Looks at everything that has to be right in Slack before people can be asked. Posts nothing. */
export async function checkSlack(options: SlackChecked, signal: AbortSignal): Promise<readonly Finding[]> {
  const { botToken: token, apiUrl, proxies } = options;
  const client = createSlackClient({ token, apiUrl, proxies });
  const { finding, scopes, isBot } = await checkToken(client, 'UK_SLACK_BOT_TOKEN', signal);
  const ofToken = isBot
    ? finding
    : wrong('UK_SLACK_BOT_TOKEN', 'is the token of a person: take the Bot User OAuth Token (xoxb-…)');
  const more =
    isBot && scopes
      ? [
          ...checkScopes(neededScopes, scopes),
          ...(await checkChannel(client, options.channel, scopes, signal)),
        ]
      : [];
  return [ofToken, ...more, ...(await checkAppToken(options, signal))];
}

function checkScopes(
  needed: readonly (readonly [string, string])[],
  scopes: ReadonlySet<string>,
): readonly Finding[] {
  return needed.map(([scope, use]) =>
    scopes.has(scope)
      ? right(`scope ${scope}`, 'is there')
      : wrong(`scope ${scope}`, `is missing (${use}): ${scopeCure(scope)}`),
  );
}

async function checkChannel(
  client: SlackClient,
  name: string | undefined,
  scopes: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (name === undefined)
    return [
      right(
        'UK_SLACK_CHANNEL',
        'is not set: only workloads that name a channel of their own are asked about',
      ),
    ];
  const what = `channel ${plain(name)}`;
  try {
    const { id, isMember, isArchived, isPrivate } = await seeChannel(client, name, signal);
    const ofPrivate = isPrivate ? checkScopes(privateScopes, scopes) : [];
    if (isArchived) return [wrong(what, 'is archived: choose another one, or unarchive it'), ...ofPrivate];
    const member = isMember
      ? right(what, `is there (${id}), and the app is in it`)
      : wrong(what, `is there (${id}), but the app is not in it: ${invite}`);
    return [member, ...ofPrivate];
  } catch (error) {
    // It may be there, and not to be seen.
    const unseen = hasCode(error, 'not-found') && !scopes.has('groups:read');
    const also = unseen ? `; if it is a private one, ${scopeCure('groups:read')}` : '';
    return [wrong(what, `${messageOf(error)}${also}`)];
  }
}

/** A connection is asked for, and not opened. */
async function checkAppToken(
  { appToken: token, apiUrl, proxies }: SlackChecked,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (token === undefined) return [];
  try {
    await createSlackClient({ token, apiUrl, proxies }).call('apps.connections.open', {}, Opened, signal);
    return [right('UK_SLACK_APP_TOKEN', 'works: Socket Mode can connect')];
  } catch (error) {
    const cure =
      'make an app-level token with connections:write under Basic Information and set UK_SLACK_APP_TOKEN to it';
    const why = messageOf(error).replace(/: install the app.*$/, '');
    return [wrong('UK_SLACK_APP_TOKEN', hasCode(error, 'unauthorized') ? `${why}: ${cure}` : why)];
  }
}
