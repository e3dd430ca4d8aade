import { z } from 'zod';
import { hasCode, messageOf } from '../../core/errors.ts';
import type { Proxies } from '../proxy.ts';
import { createChannelFinder } from './channels.ts';
import { createSlackClient, type SlackClient } from './client.ts';
import { scopeCure } from './problems.ts';

/** One thing that was looked at, in one line: how it is, and what to do when it is wrong. */
export interface Finding {
  readonly ok: boolean;
  readonly line: string;
}

/** What is looked at; tokens as they are configured. */
export interface SlackChecked {
  readonly botToken: string;
  readonly appToken: string | undefined;
  readonly channel: string | undefined;
  readonly apiUrl: string | undefined;
  readonly proxies?: Proxies | undefined;
}

/** What each scope of the bot is for. */
export const neededScopes: readonly (readonly [scope: string, use: string])[] = [
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

const Test = z.object({
  team: z.string().default(''),
  team_id: z.string(),
  user: z.string().default(''),
  bot_id: z.string().optional(),
  response_metadata: z.object({ scopes: z.array(z.string()).default([]) }).default({ scopes: [] }),
});
const Info = z.object({
  channel: z.object({
    name: z.string().default(''),
    is_member: z.boolean().default(false),
    is_archived: z.boolean().default(false),
    is_private: z.boolean().default(false),
  }),
});
const Opened = z.object({ url: z.string() });

/** Looks at everything that has to be right in Slack before people can be asked. Posts nothing. */
export async function checkSlack(options: SlackChecked, signal: AbortSignal): Promise<readonly Finding[]> {
  const { botToken: token, apiUrl, proxies } = options;
  const client = createSlackClient({ token, apiUrl, proxies });
  const { findings, scopes } = await checkToken(client, signal);
  const channel = scopes ? await checkChannel(client, options.channel, scopes, signal) : [];
  return [...findings, ...channel, ...(await checkAppToken(options, signal))];
}

async function checkToken(
  client: SlackClient,
  signal: AbortSignal,
): Promise<{ findings: readonly Finding[]; scopes: ReadonlySet<string> | undefined }> {
  try {
    const {
      team,
      team_id: id,
      user,
      bot_id: bot,
      response_metadata: said,
    } = await client.call('auth.test', {}, Test, signal);
    const scopes = new Set(said.scopes);
    if (bot === undefined)
      return {
        findings: [
          wrong('UK_SLACK_BOT_TOKEN', 'is the token of a person: take the Bot User OAuth Token (xoxb-…)'),
        ],
        scopes: undefined,
      };
    const known = right('UK_SLACK_BOT_TOKEN', `works: ${plain(user)} in ${plain(team)} (${plain(id)})`);
    return { findings: [known, ...checkScopes(neededScopes, scopes)], scopes };
  } catch (error) {
    return { findings: [wrong('UK_SLACK_BOT_TOKEN', messageOf(error))], scopes: undefined };
  }
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
    const id = await createChannelFinder(client)(name, signal);
    const { channel } = await client.call('conversations.info', { channel: id }, Info, signal);
    const priv = channel.is_private ? checkScopes(privateScopes, scopes) : [];
    if (channel.is_archived)
      return [wrong(what, 'is archived: choose another one, or unarchive it'), ...priv];
    const member = channel.is_member
      ? right(what, `is there (${id}), and the app is in it`)
      : wrong(what, `is there (${id}), but the app is not in it: type /invite @updatekate in the channel`);
    return [member, ...priv];
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

function right(what: string, line: string): Finding {
  return { ok: true, line: `${what} ${line}` };
}

function wrong(what: string, line: string): Finding {
  return { ok: false, line: `${what} ${line}` };
}

/** Names come from others: nothing in them moves the cursor. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?').slice(0, 100);
}
