import type { Person } from '../../core/approval.ts';
import type { Voter } from '../../core/ballot.ts';
import type { Directory, SlackUser } from '../../lib/slack/directory.ts';
import type { FrozenPerson, Posted } from '../../lib/slack/posted.ts';

/**
 * The voter behind a user id, in the words of lists of approvers; `undefined` when he is nobody who may act in this
 * workspace. What people call themselves is never a name here.
 */
export async function voterOf(
  directory: Directory,
  { teamId, userId }: { readonly teamId: string; readonly userId: string },
  posted: Posted,
  signal: AbortSignal,
): Promise<Voter | undefined> {
  const user = await directory.user(userId, signal);
  if (user?.id !== userId || !user.acts || user.teamId !== teamId) return undefined;
  const groups = (await directory.groups(signal)).filter(({ users }) => users.includes(userId));
  const taken = new Set(posted.people.map(({ name }) => name.toLowerCase()));
  // A handle that was a person's when people were asked is not a group's by now.
  const handles = groups.map(({ handle }) => `@${handle}`).filter((name) => !taken.has(name.toLowerCase()));
  return {
    person: personOf(user),
    names: [
      ...(user.email === undefined ? [] : [user.email]),
      ...[user.id, slackName(user)],
      ...groups.map(({ id }) => id),
      ...handles,
      ...frozenNames(posted.people, userId),
    ],
    // Kubernetes knows nobody of Slack.
    ...{ rbac: false, mayOverride: false },
    via: 'slack',
  };
}

function personOf(user: SlackUser): Person {
  const { email, displayName, handle, fullName } = user;
  return {
    id: email ?? slackName(user),
    name: displayName === '' ? handle : displayName,
    ...(fullName === '' ? {} : { fullName }),
    ...(email === undefined ? {} : { email }),
  };
}

function slackName({ teamId, id }: SlackUser): string {
  return `slack:${teamId}/${id}`;
}

function frozenNames(people: readonly FrozenPerson[], userId: string): readonly string[] {
  return people.filter(({ id }) => id === userId).map(({ name }) => name);
}
