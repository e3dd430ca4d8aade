import { messageProblem } from './block-rules.ts';
import { openChannel, postedTo, readChannel } from './channels.ts';
import type { FakeChannel, FakeMessage, FakeUser, Workspace } from './workspace.ts';

/** What a method answers, without `ok`; a text is its error. */
export type MethodAnswer = Readonly<Record<string, unknown>> | string;
type Body = Readonly<Record<string, unknown>>;

/** An argument as text. */
const words = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise);

interface Method {
  /** One of these lists must be granted as a whole. */
  readonly scopes: readonly string[];
  readonly run: (workspace: Workspace, body: Body) => MethodAnswer;
}

/** The methods of the Web API that a bot token may call. https://docs.slack.dev/reference/methods */
export const methods: Readonly<Record<string, Method>> = {
  'auth.test': {
    scopes: [],
    run({ teamId, ...workspace }) {
      const person = personOf(workspace);
      return {
        ...{ url: 'https://acme.slack.com/', team: 'Acme', team_id: teamId, is_enterprise_install: false },
        ...(person
          ? { user: person.name, user_id: person.id }
          : { user: 'updatekate', user_id: workspace.botUserId, bot_id: workspace.botId }),
      };
    },
  },
  'bots.info': {
    scopes: ['users:read'],
    run: ({ botId, appId, botUserId }, { bot }) =>
      bot === botId
        ? { bot: { id: botId, app_id: appId, user_id: botUserId, name: 'updatekate', deleted: false } }
        : 'bot_not_found',
  },
  'chat.postMessage': { scopes: ['chat:write'], run: postMessage },
  'chat.update': { scopes: ['chat:write'], run: updateMessage },
  'chat.postEphemeral': { scopes: ['chat:write'], run: postEphemeral },
  'conversations.info': { scopes: ['channels:read'], run: channelInfo },
  'conversations.list': { scopes: ['channels:read'], run: listChannels },
  'conversations.history': { scopes: ['channels:history'], run: history },
  'conversations.replies': { scopes: ['channels:history'], run: replies },
  'users.info': {
    scopes: ['users:read'],
    run(workspace, { user: id }) {
      const user = workspace.users.find((one) => one.id === id);
      return user ? { user: shown(workspace, user) } : 'user_not_found';
    },
  },
  'users.list': {
    scopes: ['users:read'],
    run(workspace, body) {
      const { page, next } = paged(workspace.users, body);
      return {
        members: page.map((user) => shown(workspace, user)),
        response_metadata: { next_cursor: next },
      };
    },
  },
  'users.lookupByEmail': {
    scopes: ['users:read.email'],
    run(workspace, { email }) {
      const wanted = String(email).toLowerCase();
      const user = workspace.users.find((one) => !one.deleted && one.email?.toLowerCase() === wanted);
      return user ? { user: shown(workspace, user) } : 'users_not_found';
    },
  },
  'usergroups.list': {
    scopes: ['usergroups:read'],
    run: ({ groups }, body) => ({
      usergroups: groups
        .filter(({ disabled }) => !disabled)
        .map(({ id, handle, users }) => ({
          ...{ id, handle, is_usergroup: true, date_delete: 0 },
          ...(body.include_users === true || body.include_users === 'true' ? { users } : {}),
        })),
    }),
  },
  'usergroups.users.list': {
    scopes: ['usergroups:read'],
    run({ groups }, { usergroup }) {
      const group = groups.find(({ id }) => id === usergroup);
      return group ? { users: group.users } : 'no_such_subteam';
    },
  },
};

/** The address is there for whoever may see it. */
function shown(
  { scopes, teamId }: Workspace,
  { id, name, displayName, realName, email, emailConfirmed, deleted, isBot, ...user }: FakeUser,
): Body {
  const theirs = user.teamId !== undefined && user.teamId !== teamId;
  return {
    ...{ id, name, team_id: user.teamId ?? teamId, deleted: deleted ?? false, is_bot: isBot ?? false },
    ...{ real_name: realName ?? '', ...(theirs ? { is_stranger: user.isStranger ?? true } : {}) },
    ...(emailConfirmed === undefined ? {} : { is_email_confirmed: emailConfirmed }),
    profile: {
      ...{ display_name: displayName ?? '', real_name: realName ?? '' },
      ...(email !== undefined && scopes.includes('users:read.email') ? { email } : {}),
    },
  };
}

function paged<T>(
  all: readonly T[],
  { limit, cursor }: Body,
): { readonly page: readonly T[]; readonly next: string } {
  const from = cursor === undefined || cursor === '' ? 0 : Number(words(cursor).replace('c', ''));
  const to = from + Math.min(Number(limit ?? 100), 1000);
  return { page: all.slice(from, to), next: to < all.length ? `c${to}` : '' };
}

/** Whose token it is, when it is not the bot's. */
function personOf({ botToken, users }: Pick<Workspace, 'botToken' | 'users'>): FakeUser | undefined {
  return botToken.startsWith('xoxp-') ? users[0] : undefined;
}

function postMessage(workspace: Workspace, body: Body): MethodAnswer {
  const channel = postedTo(workspace, body.channel);
  const problem = typeof channel === 'string' ? channel : messageProblem(body);
  if (problem !== undefined || typeof channel === 'string') return problem ?? 'fatal_error';
  const { text = '', blocks, metadata, thread_ts: threadTs } = body;
  const person = personOf(workspace);
  const message = {
    // What a person posts by an app is the app's, too.
    ...{ channel: channel.id, ts: workspace.nextTs(), botId: workspace.botId, text },
    ...(person ? { user: person.id } : {}),
    ...(blocks === undefined ? {} : { blocks }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(threadTs === undefined ? {} : { threadTs }),
  } as FakeMessage;
  workspace.messages.push(message);
  return { channel: channel.id, ts: message.ts, message: { text, ts: message.ts } };
}

function updateMessage(workspace: Workspace, body: Body): MethodAnswer {
  const channel = openChannel(workspace, body.channel, 'is_inactive');
  if (typeof channel === 'string') return channel;
  const at = workspace.messages.findIndex((one) => one.channel === channel.id && one.ts === body.ts);
  const found = workspace.messages[at];
  if (!found) return 'message_not_found';
  if (found.botId !== workspace.botId) return 'cant_update_message';
  const problem = messageProblem(body);
  if (problem !== undefined) return problem;
  const { text = found.text, blocks = found.blocks, metadata = found.metadata } = body;
  workspace.messages[at] = { ...found, text, blocks, metadata, editedTs: workspace.nextTs() } as FakeMessage;
  return { channel: channel.id, ts: found.ts, text };
}

function postEphemeral(workspace: Workspace, body: Body): MethodAnswer {
  const channel = openChannel(workspace, body.channel);
  if (typeof channel === 'string') return channel;
  if (!workspace.users.some(({ id }) => id === body.user)) return 'user_not_in_channel';
  const { user, text, thread_ts: threadTs } = body;
  const ephemeral = { channel: channel.id, user: String(user), text: String(text) };
  workspace.ephemerals.push(threadTs === undefined ? ephemeral : { ...ephemeral, threadTs: words(threadTs) });
  return { message_ts: workspace.nextTs() };
}

function channelInfo(workspace: Workspace, { channel: id }: Body): MethodAnswer {
  const channel = workspace.channels.find((one) => one.id === id);
  if (!channel || (channel.isPrivate && !channel.isMember)) return 'channel_not_found';
  return { channel: shownChannel(channel) };
}

function shownChannel({ id, name, isPrivate, isMember, isArchived }: FakeChannel): Body {
  return {
    ...{ id, name, is_channel: true, is_private: isPrivate ?? false },
    ...{ is_member: isMember ?? false, is_archived: isArchived ?? false },
  };
}

/** Private channels are there for members only. */
function listChannels(workspace: Workspace, body: Body): MethodAnswer {
  const types = words(body.types, 'public_channel').split(',');
  if (types.includes('private_channel') && !workspace.scopes.includes('groups:read'))
    return 'missing_scope:groups:read';
  const without = body.exclude_archived === true || body.exclude_archived === 'true';
  const visible = workspace.channels.filter(
    ({ isPrivate, isMember, isArchived, with: person }) =>
      person === undefined &&
      types.includes(isPrivate ? 'private_channel' : 'public_channel') &&
      (!isPrivate || isMember) &&
      !(without && isArchived),
  );
  const { page, next } = paged(visible, body);
  return { channels: page.map(shownChannel), response_metadata: { next_cursor: next } };
}

/** Newest first, between `oldest` and `latest`; metadata only when it is asked for. */
function history(workspace: Workspace, body: Body): MethodAnswer {
  const channel = readChannel(workspace, body.channel);
  if (typeof channel === 'string') return channel;
  const [oldest, latest] = [Number(body.oldest ?? 0), Number(body.latest ?? Infinity)];
  const inclusive = body.inclusive === true || body.inclusive === 'true';
  const within = workspace.messages
    .filter((one) => one.channel === channel.id && one.threadTs === undefined)
    .filter(({ ts }) =>
      inclusive ? Number(ts) >= oldest && Number(ts) <= latest : Number(ts) > oldest && Number(ts) < latest,
    )
    .toReversed();
  const { page, next } = paged(within, body);
  return {
    messages: page.map((one) => shownMessage(workspace, one, body)),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  };
}

function replies(workspace: Workspace, body: Body): MethodAnswer {
  const channel = readChannel(workspace, body.channel);
  if (typeof channel === 'string') return channel;
  const thread = workspace.messages.filter(
    ({ channel: id, ts, threadTs }) => id === channel.id && (ts === body.ts || threadTs === body.ts),
  );
  if (thread.length === 0) return 'thread_not_found';
  const { page, next } = paged(thread, body);
  return {
    messages: page.map((one) => shownMessage(workspace, one, body)),
    response_metadata: { next_cursor: next },
  };
}

export function shownMessage({ appId }: Workspace, message: FakeMessage, asked: Body): Body {
  const withMetadata = asked.include_all_metadata === true || asked.include_all_metadata === 'true';
  const { ts, threadTs, botId, user, text, blocks, metadata } = message;
  return {
    ...{ type: 'message', ts, text },
    ...(blocks === undefined ? {} : { blocks }),
    ...(botId === undefined ? {} : { bot_id: botId, app_id: appId }),
    ...(user === undefined ? {} : { user }),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(withMetadata && metadata ? { metadata } : {}),
  };
}
