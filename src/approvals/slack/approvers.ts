import { isAddress } from '../../core/approver.ts';
import { hasCode } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { Directory, SlackUser } from '../../lib/slack/directory.ts';
import { createRecent } from '../../lib/recent.ts';
import type { FrozenPerson } from '../../lib/slack/posted.ts';

/** Entries of approvers, as Slack knows them at this moment. */
export interface Resolved {
  /** Handles of users: the entry and the id, to be held on to. */
  readonly people: readonly FrozenPerson[];
  /** What calls them up in a message, entry by entry; an entry that is not there is only shown. */
  readonly mentions: ReadonlyMap<string, string>;
  /** Names of Slack's that stand for nobody who could vote here, or for more than one. */
  readonly unknown: readonly string[];
}

/**
 * Looks approvers up.
 *
 * @param asked whose handles the handles were when people were asked, if they have been: that stays so.
 */
export type ApproverFinder = (
  approvers: readonly string[],
  asked: readonly FrozenPerson[] | undefined,
  signal: AbortSignal,
) => Promise<Resolved>;

type Found =
  | { readonly kind: 'person'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'nobody' }
  /** No name of Slack's, or none that the app may look up. */
  | { readonly kind: 'elsewhere' };

/** Only what is shown depends on it: who clicks is looked up anew. */
const livesMs = 10 * 60_000;
const mostRemembered = 1000;

/**
 * Looks them up in Slack, and remembers for ten minutes who has an address or an id: there may be fifty in a list, and
 * Slack lets us ask about as many in a minute. What Slack cuts short goes on where it was.
 */
export function createApproverFinder(
  directory: Directory,
  clock: Pick<Clock, 'monotonicMs'>,
): ApproverFinder {
  const remembered = createRecent<{ readonly atMs: number; readonly found: Found }>(mostRemembered);
  const once = async (entry: string, look: () => Promise<Found>): Promise<Found> => {
    const known = remembered.get(entry);
    const atMs = clock.monotonicMs();
    if (known && atMs - known.atMs < livesMs) return known.found;
    const found = await look();
    remembered.set(entry, { atMs, found });
    return found;
  };
  return async (approvers, asked, signal) => {
    const ofHandle = await handles(directory, approvers, asked, signal);
    const found = new Map<string, Found>();
    for (const entry of approvers) {
      const handle = entry.startsWith('@');
      found.set(entry, handle ? ofHandle(entry) : await once(entry, () => look(directory, entry, signal)));
    }
    return resolved(found);
  };
}

function resolved(found: ReadonlyMap<string, Found>): Resolved {
  const all = [...found];
  return {
    people: all.flatMap(([name, one]) =>
      one.kind === 'person' && name.startsWith('@') ? [{ name, id: one.id }] : [],
    ),
    mentions: new Map(
      all.flatMap(([entry, one]): readonly [string, string][] => {
        if (one.kind === 'person') return [[entry, `<@${one.id}>`]];
        return one.kind === 'group' ? [[entry, `<!subteam^${one.id}>`]] : [];
      }),
    ),
    unknown: all.flatMap(([entry, { kind }]) => (kind === 'nobody' ? [entry] : [])),
  };
}

/** By address or id. */
async function look(directory: Directory, entry: string, signal: AbortSignal): Promise<Found> {
  const [, team, id] = /^(?:slack:([A-Z0-9]+)\/)?([UW][A-Z0-9]{7,})$/.exec(entry) ?? [];
  try {
    if (isAddress(entry)) {
      const user = await directory.userByEmail(entry, signal);
      // Who has not confirmed it does not vote by it.
      return user?.email === entry.toLowerCase() ? person(user) : { kind: 'nobody' };
    }
    if (id !== undefined) return person(await directory.user(id, signal), team);
    if (!/^S[A-Z0-9]{7,}$/.test(entry)) return { kind: 'elsewhere' };
    const inUse = (await directory.groups(signal)).some((group) => group.id === entry);
    return inUse ? { kind: 'group', id: entry } : { kind: 'nobody' };
  } catch (error) {
    // That he may not be looked up says nothing of whether he is there.
    if (hasCode(error, 'forbidden')) return { kind: 'elsewhere' };
    throw error;
  }
}

function person(user: SlackUser | undefined, team = user?.teamId): Found {
  return user?.acts && user.teamId === team ? { kind: 'person', id: user.id } : { kind: 'nobody' };
}

/** By handle: who had it when people were asked, a group, or the one user who has it now. Chosen names count for nothing. */
async function handles(
  directory: Directory,
  approvers: readonly string[],
  asked: readonly FrozenPerson[] | undefined,
  signal: AbortSignal,
): Promise<(entry: string) => Found> {
  const held = new Map(asked?.map(({ name, id }): [string, string] => [name, id]));
  const open = approvers.filter((entry) => entry.startsWith('@') && !held.has(entry));
  const groups = open.length === 0 ? [] : await directory.groups(signal);
  const groupOf = (entry: string) => groups.find(({ handle }) => isHandle(entry, handle));
  // From then on whoever comes to have it is somebody else.
  const needsUsers = !asked && open.some((entry) => !groupOf(entry));
  const users = needsUsers ? await directory.users(signal) : [];
  return (entry) => {
    const id = held.get(entry);
    if (id !== undefined) return { kind: 'person', id };
    const group = groupOf(entry);
    if (group) return { kind: 'group', id: group.id };
    const [holder, ...others] = users.filter(({ acts, handle }) => acts && isHandle(entry, handle));
    return holder && others.length === 0 ? { kind: 'person', id: holder.id } : { kind: 'nobody' };
  };
}

function isHandle(entry: string, handle: string): boolean {
  return handle !== '' && entry.slice(1).toLowerCase() === handle.toLowerCase();
}
