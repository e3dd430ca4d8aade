import { chosenImage, type Choice } from '../core/decide.ts';
import { isEnd, type Phase } from '../core/phases.ts';
import type { Store, Stored } from '../core/ports.ts';
import type { Push } from '../core/registry.ts';
import { isDigest } from '../core/resolve-digest.ts';
import { newUpdate, type Update } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';

/** An update that is wanted, and whether one of its name that has ended stands in the way. */
export interface WantedUpdate {
  /** The update for the n-th time; n = 0 unless it follows a tag that moves. */
  make(time: number): Update;
  /** Whether the same may happen again: a tag that is moved back and forth comes to an image more than once. */
  readonly repeats: boolean;
}

/** One update for all containers of a workload that move to the same tag of the same repository: one rollout. */
export function updatesFrom(
  choices: readonly Choice[],
  pushes: readonly Push[],
  now: Date,
): readonly WantedUpdate[] {
  const chosen = choices.flatMap((choice) => {
    const { target, selected } = choice;
    const to = chosenImage(choice);
    return selected === undefined || to === undefined ? [] : [{ target, selected, to }];
  });
  const groups = Map.groupBy(chosen, ({ target, selected }) =>
    JSON.stringify([workloadId(target.workload), target.ref.repository, selected]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { target, selected: tag } = first;
    const { repository } = target.ref;
    const own = pushes.filter((push) => push.repository === repository && push.tag === tag);
    const named = own.at(-1)?.digest;
    // Some senders shorten it: that is no name of an image.
    const digest = typeof named === 'string' && isDigest(named) ? named : undefined;
    const moves = group.map(({ target: { container, init, image }, to }) => ({
      ...{ container, init, from: image, to },
    }));
    const identity = { workload: target.workload, uid: target.uid, repository, tag, digest, moves };
    const pushed = { ...identity, ...pusherOf(own, named) };
    const repeats = group.some(({ target: { policy } }) => policy.pins === true);
    return [{ repeats, make: (time) => newUpdate(pushed, target.policy.text, now, time) }];
  });
}

/** The first who is said to have pushed this image: of the same tag there may be another image before it. */
function pusherOf(own: readonly Push[], digest: Push['digest'] | undefined): Pick<Update, 'pushedBy'> {
  const said = own.find((push) => push.digest === digest && push.pushedBy !== undefined);
  return said?.pushedBy === undefined ? {} : { pushedBy: said.pushedBy };
}

/** A no is meant for the image, however often it is pushed. */
function mayRepeat(phase: Phase): boolean {
  return isEnd(phase) && phase !== 'Rejected';
}

/** So often one image of a tag can be come back to while the earlier times are on record. */
const mostTimes = 100;

/**
 * Writes what is wanted. What has ended stays so and is answered as it is; what may happen again is recorded under
 * the next free name, at which every replica arrives.
 */
export async function recordUpdates(
  store: Store,
  wanted: readonly WantedUpdate[],
): Promise<readonly (Stored & { readonly created: boolean })[]> {
  if (wanted.length === 0) return [];
  const stored = [...(await store.create(wanted.map(({ make }) => make(0))))];
  for (let time = 1; time < mostTimes; time++) {
    const again = wanted.flatMap(({ repeats, make }, at) => {
      const one = stored[at];
      return repeats && one && mayRepeat(one.update.phase) ? [{ at, update: make(time) }] : [];
    });
    if (again.length === 0) break;
    const written = await store.create(again.map(({ update }) => update));
    again.forEach(({ at }, n) => {
      const one = written[n];
      if (one) stored[at] = one;
    });
  }
  return stored;
}
