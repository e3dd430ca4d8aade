import type { FakeChannel, Workspace } from './workspace.ts';

/** A channel that may be read, by id only; a text is the error. */
export function readChannel({ channels }: Workspace, id: unknown): FakeChannel | string {
  const channel = channels.find((one) => one.id === id);
  if (!channel || (channel.isPrivate && !channel.isMember)) return 'channel_not_found';
  return channel.isMember ? channel : 'not_in_channel';
}

/** One that may be written to: what has been archived can be read. */
export function openChannel(
  workspace: Workspace,
  id: unknown,
  archived = 'is_archived',
): FakeChannel | string {
  const channel = readChannel(workspace, id);
  return typeof channel !== 'string' && channel.isArchived ? archived : channel;
}

/** What `chat.postMessage` makes of its channel: an id, a name, a person; with a scope also where the app is not in it. */
export function postedTo(workspace: Workspace, given: unknown): FakeChannel | string {
  const text = String(given);
  const person = workspace.users.find(({ id, name }) => text === id || text === `@${name}`);
  if (person) return directMessage(workspace, person.id);
  const plain = text.replace(/^#/, '');
  const found = workspace.channels.find((one) => one.id === text || (one.name === plain && !one.isArchived));
  const channel = openChannel(workspace, found?.id);
  const isPublic = workspace.scopes.includes('chat:write.public');
  return channel === 'not_in_channel' && isPublic && found && !found.isArchived ? found : channel;
}

/** It is there from the first message on. */
function directMessage(workspace: Workspace, user: string): FakeChannel {
  const there = workspace.channels.find((one) => one.with === user);
  if (there) return there;
  const made = { id: `D${user.slice(1)}`, name: '', isMember: true, with: user };
  workspace.channels.push(made);
  return made;
}
