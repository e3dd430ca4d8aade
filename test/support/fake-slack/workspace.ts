/** A person of the fake workspace. */
export interface FakeUser {
  readonly id: string;
  /** The handle: one of a kind in the workspace. */
  readonly name: string;
  /** Whatever he likes to be called; others may be called the same. */
  readonly displayName?: string;
  readonly realName?: string;
  readonly email?: string;
  readonly emailConfirmed?: boolean;
  /** Another workspace that shares channels with this one. */
  readonly teamId?: string;
  /** Whether Slack says that he is of another one; as a rule it does. */
  readonly isStranger?: boolean;
  readonly deleted?: boolean;
  readonly isBot?: boolean;
}

/** A user group. */
export interface FakeGroup {
  readonly id: string;
  readonly handle: string;
  readonly users: readonly string[];
  readonly disabled?: boolean;
}

/** A channel, and whether the app is in it. */
export interface FakeChannel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate?: boolean;
  readonly isMember?: boolean;
  readonly isArchived?: boolean;
  /** A direct message: with this user. */
  readonly with?: string;
}

/** A message as Slack keeps it. */
export interface FakeMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly botId?: string;
  readonly user?: string;
  readonly text: string;
  readonly blocks?: unknown;
  readonly metadata?: { readonly event_type: string; readonly event_payload: Record<string, unknown> };
  readonly editedTs?: string;
}

/** A message that one person alone has seen. */
export interface FakeEphemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly threadTs?: string;
}

/** One call of the Web API as it came. */
export interface FakeCall {
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What Slack knows; tests change it as an administrator of the workspace would. */
export interface Workspace {
  readonly teamId: string;
  readonly appId: string;
  readonly botId: string;
  readonly botUserId: string;
  /** With `xoxp-` it is that of the first of the users, who then posts himself. */
  botToken: string;
  appToken: string;
  signingSecret: string;
  /** `undefined` = the token works; else what Slack says about it. */
  botTokenProblem: 'invalid_auth' | 'account_inactive' | 'token_revoked' | 'token_expired' | undefined;
  appTokenProblem: 'invalid_auth' | 'token_revoked' | undefined;
  scopes: string[];
  appScopes: string[];
  socketModeEnabled: boolean;
  users: FakeUser[];
  groups: FakeGroup[];
  channels: FakeChannel[];
  messages: FakeMessage[];
  readonly ephemerals: FakeEphemeral[];
  readonly calls: FakeCall[];
  /** A time of its own, so that every message has another one. */
  nextTs(): string;
}

/** The scopes that docs/approvals/slack.md asks for. */
export const allScopes: readonly string[] = [
  ...['chat:write', 'channels:read', 'channels:history', 'groups:read', 'groups:history'],
  ...['users:read', 'users:read.email', 'usergroups:read'],
];

/** A workspace with two people, a bot, a group and a channel that the app is in. `start`: of its clock. */
export function aWorkspace(start = new Date('2026-01-01T00:00:00Z')): Workspace {
  let last = start.getTime() * 1000;
  return {
    teamId: 'T0ACME001',
    appId: 'A0KATE001',
    botId: 'B0KATE001',
    botUserId: 'U0KATE001',
    botToken: 'xoxb-canary-bot-token',
    appToken: 'xapp-1-A0KATE001-canary-app-token',
    signingSecret: '8f742231b10e8888abcd99yyyzzz85a5',
    botTokenProblem: undefined,
    appTokenProblem: undefined,
    scopes: [...allScopes],
    appScopes: ['connections:write'],
    socketModeEnabled: true,
    users: [
      {
        ...{ id: 'U0ADA0001', name: 'ada', displayName: 'Ada', realName: 'Ada Lovelace' },
        email: 'Ada@Acme.example',
      },
      {
        ...{ id: 'U0BOB0001', name: 'bob', displayName: 'Bob', realName: 'Bob Babbage' },
        email: 'bob@acme.example',
      },
      { id: 'U0KATE001', name: 'updatekate', isBot: true },
    ],
    groups: [{ id: 'S0OPS0001', handle: 'ops', users: ['U0BOB0001'] }],
    channels: [
      { id: 'C0DEPLOY1', name: 'deploys', isMember: true },
      { id: 'C0OTHER01', name: 'other', isMember: true },
      { id: 'C0FAR0001', name: 'far', isMember: false },
    ],
    messages: [],
    ephemerals: [],
    calls: [],
    nextTs() {
      last += 1000;
      return `${Math.floor(last / 1e6)}.${String(last % 1e6).padStart(6, '0')}`;
    },
  };
}
