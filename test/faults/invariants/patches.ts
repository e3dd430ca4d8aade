import type { ImageChange } from '../deployments.ts';
import type { Evidence } from '../evidence.ts';
import { isAccepted, type Write } from '../journal.ts';
import { numberOf } from '../tags.ts';
import type { Violations } from './violations.ts';

/** PATCHes of Deployments that the API server accepted. */
export function acceptedPatches({ writes }: Evidence): readonly Write[] {
  return patchesIn(writes).filter(isAccepted);
}

function patchesIn(writes: readonly Write[]): readonly Write[] {
  return writes.filter(({ call }) => call.resource === 'deployments' && call.verb === 'patch');
}

/** One accepted PATCH for each Deployment and tag, over all replicas. */
export function doublePatches({ writes, changes }: Evidence): Violations {
  const groups = Map.groupBy(patchesIn(writes), ({ call }) => `${call.name} ${call.images.join()}`);
  return [...groups].flatMap(([what, own]) => {
    const accepted = own.filter(isAccepted);
    const [{ call } = {}] = own;
    const seenAtMs = changeOf(changes.get(call?.name ?? ''), call?.images[0])?.atMs ?? Infinity;
    // The first may have had no answer: then a second one is a double when the first was seen to work before.
    const again = accepted.filter(({ sentAtMs }) => sentAtMs > seenAtMs);
    if (accepted.length <= 1 && again.length === 0) return [];
    return [
      `done twice: ${accepted.length} accepted patches of ${what}, ${again.length} of them after it was there`,
    ];
  });
}

/** When a Deployment got this image, if it did. */
export function changeOf(
  own: readonly ImageChange[] | undefined,
  image: string | undefined,
): ImageChange | undefined {
  return own?.find((change) => change.image === image);
}

/** Every image that a Deployment got came by a PATCH, and none was missed by the observer. */
export function unexplainedImages({ changes, writes }: Evidence): Violations {
  const patches = patchesIn(writes).filter((write) => isAccepted(write) || write.outcome === 'unknown');
  const patched = new Set(patches.flatMap(({ call }) => call.images.map((image) => `${call.name} ${image}`)));
  const unseen = patches
    .filter(isAccepted)
    .filter(({ call }) => !changeOf(changes.get(call.name), call.images[0]))
    .map(
      ({ call }) => `not seen: ${call.name} was patched to ${call.images.join()}, the watch never showed it`,
    );
  const rest = [...changes].flatMap(([name, own]) => {
    const gap = own.find(({ generation }, at) => at > 0 && generation !== (own[at - 1]?.generation ?? 0) + 1);
    const strange = own.slice(1).filter(({ image }) => !patched.has(`${name} ${image}`));
    return [
      ...(gap
        ? [`not measured: ${name} changed between two looks, before generation ${gap.generation}`]
        : []),
      ...strange.map(({ image }) => `not patched: ${name} got ${image}, and no replica asked for it`),
    ];
  });
  return [...unseen, ...rest];
}

/** No Deployment moved to a lower version, or twice to the same. */
export function downgrades({ changes }: Evidence): Violations {
  return [...changes].flatMap(([name, own]) =>
    own.flatMap(({ image }, at) => {
      const before = own[at - 1]?.image;
      if (before === undefined || numberOf(image) > numberOf(before)) return [];
      return [`moved back: ${name} from ${before} to ${image}`];
    }),
  );
}
