import semver from 'semver';
import { decide } from '../../src/core/decide.ts';
import { parseImageRef } from '../../src/core/image-ref.ts';
import { readPolicy } from '../../src/core/policies/index.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Target } from '../../src/core/target.ts';
import { monotonicMs } from '../clock.ts';
import { manyTags } from './policy-tags.ts';
import { atMost, spread, type Row } from './row.ts';

const count = 10_000;
const roundsOfWarmUp = 60;
const rounds = 150;

/** What one decision over all tags takes, in milliseconds. */
export interface PolicyTimes {
  /** Texts that were made anew for each round. */
  readonly cold: readonly number[];
  /** The same texts in every round: the engine keeps their hashes, and nothing else is kept. */
  readonly warm: readonly number[];
}

/** What is measured: a policy with the tag that runs, over a list of tags. */
interface Case {
  readonly policy: string;
  readonly running: string;
  readonly tags: readonly string[];
}

const semverCase: Case = { policy: 'semver', running: '11.0.2-jdk-slim', tags: manyTags(count) };
/** Nothing but versions, all of them higher: each has to be read to its end and compared. */
const plainCase: Case = {
  ...{ policy: 'semver', running: '0.0.1' },
  tags: Array.from({ length: count }, (_, i) => `${1 + (i % 40)}.${(i >> 3) % 90}.${i}`).sort(),
};
const builds = Array.from({ length: count }, (_, i) => `build-${i}`).sort();

/** One row each: semver, and what the others take. */
export function policyRows(): readonly Row[] {
  const reference = {
    what: 'node-semver alone',
    value: spread(measure(semverCase, highestBySemver).cold).value,
  };
  const alone = measure(semverCase, rank);
  const explained = measure(semverCase, decideAll);
  const plain = { what: 'node-semver alone', value: spread(measure(plainCase, highestBySemver).cold).value };
  const what = `semver, ${count} tags`;
  return [
    { what: `${what}, cold`, unit: 'ms', ...spread(alone.cold), reference, target: atMost(1) },
    { what: `${what}, warm`, unit: 'ms', ...spread(alone.warm), reference },
    { what: `${what}, cold, every tag explained`, unit: 'ms', ...spread(explained.cold), reference },
    {
      what: `${count} plain versions above the running one, cold`,
      ...{ unit: 'ms', reference: plain, target: atMost(1) },
      ...spread(measure(plainCase, rank).cold),
    },
    ...[
      { policy: 'glob:build-*', running: 'build-5000', tags: builds },
      { policy: 'numeric:^build-(?<n>\\d+)$', running: 'build-5000', tags: builds },
    ].map((one): Row => ({
      what: `${one.policy}, ${count} tags, cold`,
      unit: 'ms',
      ...spread(measure(one, rank).cold),
    })),
  ];
}

function measure(one: Case, work: (one: Case, tags: readonly string[]) => unknown): PolicyTimes {
  const json = JSON.stringify(one.tags);
  const time = (tags: readonly string[]): number => {
    const startedAt = monotonicMs();
    work(one, tags);
    return monotonicMs() - startedAt;
  };
  const made = (): readonly string[] => JSON.parse(json) as readonly string[];
  for (let round = 0; round < roundsOfWarmUp; round++) time(made());
  const same = made();
  return {
    cold: Array.from({ length: rounds }, () => time(made())),
    warm: Array.from({ length: rounds }, () => time(same)),
  };
}

/** The policy by itself: which tag is the highest above the running one. */
function rank({ policy, running }: Case, tags: readonly string[]): string | undefined {
  const ranking = policyOf(policy).rank(running, 'same');
  if (typeof ranking === 'string') throw new Error(`${policy}, ${running}: ${ranking}`);
  let best: string | undefined;
  for (const tag of tags) {
    if (ranking.refuse(tag) !== undefined) continue;
    if (best === undefined || ranking.compare(tag, best) > 0) best = tag;
  }
  if (best === undefined) throw new Error(`${policy} selected nothing`);
  return best;
}

/** What the service does: every tag checked and explained. */
function decideAll({ policy, running }: Case, tags: readonly string[]): unknown {
  const image = `docker.io/library/openjdk:${running}`;
  const ref = parseImageRef(image);
  if (!ref) throw new Error(`${image} is no image reference`);
  const workload = { cluster: 'bench', namespace: 'bench', kind: 'Deployment', name: 'bench' } as const;
  const place = { workload, uid: '', container: 'app', init: false, image };
  const rules = { preReleases: 'same', tags: undefined, held: undefined } as const;
  const target: Target = { ...place, ref, policy: policyOf(policy), ...rules };
  return decide(target, tags);
}

/** The highest version that node-semver reads among the tags: no flavours, no reasons. */
function highestBySemver(_one: Case, tags: readonly string[]): unknown {
  let best: semver.SemVer | undefined;
  for (const tag of tags) {
    const version = semver.parse(tag) ?? undefined;
    if (version && (!best || version.compare(best) > 0)) best = version;
  }
  return best;
}

function policyOf(text: string): Policy {
  const policy = readPolicy(text);
  if (typeof policy === 'string') throw new Error(policy);
  return policy;
}
