import { z } from 'zod';
import { hasCode } from '../../core/errors.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { SlackClient } from './client.ts';

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

/** Who is who in the workspace. What is not there, or not to be seen by the app, is told apart: the one is a value. */
export interface Directory {
  user(id: string, signal: AbortSignal): Promise<SlackUser | undefined>;
  userByEmail(email: string, signal: AbortSignal): Promise<SlackUser | undefined>;
  /** Everyone, bots and former users included. */
  users(signal: AbortSignal): Promise<readonly SlackUser[]>;
  /** The groups in use, at most 15 s old; none when the app may not see groups. */
  groups(signal: AbortSignal): Promise<readonly SlackGroup[]>;
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
  const one = async (
    method: string,
    body: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<SlackUser | undefined> => {
    try {
      return await client.call(method, body, OneUser, signal);
    } catch (error) {
      if (hasCode(error, 'not-found')) return undefined;
      throw error;
    }
  };
  return {
    user: (id, signal) => one('users.info', { user: id }, signal),
    userByEmail: (email, signal) => one('users.lookupByEmail', { email }, signal),
    users: (signal) => client.pages('users.list', { limit: 1000 }, { answer: Users }, signal),
    groups,
  };
}
