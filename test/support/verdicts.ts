import { judge } from '../../src/core/decide.ts';
import { parseImageRef } from '../../src/core/image-ref.ts';
import type { Candidate, PreReleases } from '../../src/core/policy.ts';
import { policyOf } from './builders.ts';

/** What a policy makes of a push: the selected tag, and each tag with its reason, or `update`. */
export interface Outcome {
  readonly selected: string | undefined;
  readonly verdicts: Readonly<Record<string, string>>;
}

/** The outcome for a container that runs `acme/shop:<running>`. */
export function outcomeOf(
  policy: string,
  running: string,
  pushed: readonly (string | Candidate)[],
  preReleases: PreReleases = 'same',
): Outcome {
  return outcomeOfImage(policy, `acme/shop:${running}`, pushed, preReleases);
}

/** The outcome for a container that runs `image`. */
export function outcomeOfImage(
  policy: string,
  image: string,
  pushed: readonly (string | Candidate)[],
  preReleases: PreReleases = 'same',
): Outcome {
  const ref = parseImageRef(image);
  if (!ref) throw new Error(`${image} is no image reference`);
  const subject = { ref, policy: policyOf(policy), preReleases, tags: undefined, held: undefined };
  const { selected, verdicts } = judge(subject, pushed);
  return {
    selected,
    verdicts: Object.fromEntries(verdicts.map(({ tag, reason }) => [tag, reason ?? 'update'])),
  };
}

/** A row of a table: running tag, pushed tag, what becomes of it, and the pre-release mode. */
export type VerdictRow = readonly [
  running: string,
  pushed: string,
  verdict: string,
  preReleases?: PreReleases,
];
