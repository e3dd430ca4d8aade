import { z } from 'zod';
import { isAddress } from '../../core/approver.ts';
import { hasCode } from '../../core/errors.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { SlackClient } from './client.ts';
import type { FrozenPerson } from './posted.ts';

/** A user as Slack vouches for him. */
export interface SlackUser {
  readonly id: string;
  readonly teamId: string;
  /** The handle. There is one of a kind, but its owner can change it. */
  readonly handle: string;
  readonly displayName: string;
  readonly fullName: string;
  /** Only where Slack has seen it confirmed, or says nothing of that. */
  readonly email: string | undefined;
  /** A person of this workspace who may act: no bot, not deactivated, not from a workspace that shares a channel. */
  readonly acts: boolean;
}

/** A user group that is in use. */
export interface SlackGroup {
  readonly id: string;
  readonly handle: string;
  readonly users: readonly string[];
}

/** Entries of approvers, as Slack knows them at this moment. */
export interface Resolved {
  /** Handles of users: the entry and the id, to be held on to. */
  readonly people: readonly FrozenPerson[];
  /** What calls them up in a message, entry by entry; an entry that is not there is only shown. */
  readonly mentions: ReadonlyMap<string, string>;
  /** Entries that stand for nobody, or for more than one. */
  readonly unknown: readonly string[];
}

/** Who is who in the workspace. */
export interface Directory {
  user(id: string, signal: AbortSignal): Promise<SlackUser | undefined>;
  /** The groups that hold a user; none when the app may not see groups. At most 15 s old. */
  groupsOf(userId: string, signal: AbortSignal): Promise<readonly SlackGroup[]>;
  resolve(approvers: readonly string[], signal: AbortSignal): Promise<Resolved>;
}

const groupsLiveMs = 15_000;

const User = z
  .object({
    id: z.string(),
    team_id: z.string().default(''),
    name: z.string().default(''),
    deleted: z.boolean().default(false),
    is_bot: z.boolean().default(false),
    is_stranger: z.boolean().default(false),
    is_email_confirmed: z.boolean().default(true),
    profile: z
      .object({
        display_name: z.string().nullish(),
        real_name: z.string().nullish(),
        email: z.string().nullish(),
      })
      .default({}),
  })
  .transform((user): SlackUser => {
    const { display_name: displayName, real_name: fullName, email } = user.profile;
    return {
      ...{ id: user.id, teamId: user.team_id, handle: user.name },
      displayName: displayName ?? '',
      fullName: fullName ?? '',
      email: user.is_email_confirmed && email ? email.toLowerCase() : undefined,
      acts: !user.deleted && !user.is_bot && !user.is_stranger,
    };
  });
const OneUser = z.object({ user: User }).transform(({ user }) => user);
const Users = z.object({ members: z.array(User) }).transform(({ members }) => members);
const Groups = z
  .object({
    usergroups: z.array(
      z.object({ id: z.string(), handle: z.string(), users: z.array(z.string()).default([]) }),
    ),
  })
  .transform(({ usergroups }): readonly SlackGroup[] => usergroups);

/** Asks Slack. */
export function createDirectory(client: SlackClient, { clock, log }: { clock: Clock; log: Log }): Directory {
  let listed: { readonly atMs: number; readonly groups: readonly SlackGroup[] } | undefined;
  const groups = async (signal: AbortSignal): Promise<readonly SlackGroup[]> => {
    if (listed && clock.monotonicMs() - listed.atMs < groupsLiveMs) return listed.groups;
    const atMs = clock.monotonicMs();
    try {
      const body = { include_users: true, include_disabled: false };
      listed = { atMs, groups: await client.call('usergroups.list', body, Groups, signal) };
      return listed.groups;
    } catch (error) {
      // Without groups fewer people may approve, never more.
      if (!hasCode(error, 'forbidden')) throw error;
      log.warn({ error }, 'slack groups cannot be read: nobody approves as a member of one');
      return [];
    }
  };
  const user = async (id: string, signal: AbortSignal): Promise<SlackUser | undefined> => {
    try {
      return await client.call('users.info', { user: id }, OneUser, signal);
    } catch (error) {
      if (hasCode(error, 'not-found')) return undefined;
      throw error;
    }
  };
  const byEmail = async (email: string, signal: AbortSignal): Promise<SlackUser | undefined> => {
    try {
      return await client.call('users.lookupByEmail', { email }, OneUser, signal);
    } catch (error) {
      // An address need not be one of Slack's: he may approve in another way.
      if (hasCode(error, 'not-found') || hasCode(error, 'forbidden')) return undefined;
      throw error;
    }
  };
  return {
    user,
    groupsOf: async (userId, signal) => (await groups(signal)).filter(({ users }) => users.includes(userId)),
    async resolve(approvers, signal) {
      const handles = approvers.filter((entry) => entry.startsWith('@'));
      const all = handles.length === 0 ? [] : await groups(signal);
      const needsUsers = handles.some((entry) => !all.some(({ handle }) => isHandle(entry, handle)));
      const users = needsUsers
        ? await client.pages('users.list', { limit: 200 }, { answer: Users }, signal)
        : [];
      const kinds = handles.map((entry) => ofHandle(entry, all, users));
      const mentions = new Map<string, string>();
      for (const entry of approvers) {
        const found = isAddress(entry) ? await byEmail(entry, signal) : undefined;
        const mention = found?.acts ? `<@${found.id}>` : mentionOfId(entry);
        if (mention !== undefined) mentions.set(entry, mention);
      }
      kinds.forEach((kind) => kind.mention === undefined || mentions.set(kind.entry, kind.mention));
      return {
        people: kinds.flatMap(({ entry, userId }) =>
          userId === undefined ? [] : [{ name: entry, id: userId }],
        ),
        mentions,
        unknown: kinds.flatMap(({ entry, mention }) => (mention === undefined ? [entry] : [])),
      };
    },
  };
}

interface HandleKind {
  readonly entry: string;
  readonly userId?: string;
  readonly mention?: string;
}

/** A group, or the one user who has the handle. Names that people give themselves count for nothing. */
function ofHandle(entry: string, groups: readonly SlackGroup[], users: readonly SlackUser[]): HandleKind {
  const group = groups.find(({ handle }) => isHandle(entry, handle));
  const holders = users.filter(({ handle, acts }) => acts && isHandle(entry, handle));
  const [holder, ...others] = holders;
  if (group) return { entry, mention: `<!subteam^${group.id}>` };
  if (!holder || others.length > 0) return { entry };
  return { entry, userId: holder.id, mention: `<@${holder.id}>` };
}

function isHandle(entry: string, handle: string): boolean {
  return handle !== '' && entry.slice(1).toLowerCase() === handle.toLowerCase();
}

function mentionOfId(entry: string): string | undefined {
  if (/^[UW][A-Z0-9]{7,}$/.test(entry)) return `<@${entry}>`;
  return /^S[A-Z0-9]{7,}$/.test(entry) ? `<!subteam^${entry}>` : undefined;
}
