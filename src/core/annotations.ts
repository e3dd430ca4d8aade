import { RE2JS } from 're2js';
import { readPolicy } from './policies/index.ts';
import type { Policy, PreReleases } from './policy.ts';

/** Prefix of every annotation of ours. */
export const annotationPrefix = 'updatekate.dev/';

/** What a workload's annotations say of its targets. */
export interface AnnotatedRules {
  /** Undefined when the workload carries no policy of its own. */
  readonly policy: Policy | undefined;
  readonly preReleases: PreReleases;
  /** Tags that do not match are filtered. */
  readonly tags: RE2JS | undefined;
  /** Names of the containers that are targets; undefined = all. */
  readonly containers: readonly string[] | undefined;
  /** Why nothing may be moved now, in words for a person: a hold, or annotations that cannot be obeyed. */
  readonly held: string | undefined;
}

/** Promises this version cannot keep: a workload that asks for one is left alone rather than half obeyed. */
const notYet = ['approvals', 'window', 'min-age', 'verify', 'pin'] as const;

/** Reads our annotations. Total: what cannot be understood becomes a hold that says so. */
export function readAnnotations(annotations: Readonly<Record<string, string>>): AnnotatedRules {
  const value = (name: string): string | undefined => annotations[`${annotationPrefix}${name}`]?.trim();
  const problems: string[] = [];
  const fail: Fail = (name, why) => {
    problems.push(`annotation ${annotationPrefix}${name}: ${why}`);
  };
  for (const name of notYet) if (value(name) !== undefined) fail(name, 'not supported by this version');
  const hold = value('hold');
  if (hold !== undefined && hold !== 'false') problems.push(`annotation ${annotationPrefix}hold is set`);
  const rules = {
    policy: readPolicyOr(value('policy'), fail),
    preReleases: readPreReleases(value('prereleases'), fail),
    tags: readPattern(value('tags'), fail),
    containers: value('containers')
      ?.split(',')
      .map((name) => name.trim()),
  };
  return { ...rules, held: problems.length > 0 ? problems.join('; ') : undefined };
}

type Fail = (name: string, why: string) => void;

/** A policy that cannot be read still marks the workload as ours: it is held, not forgotten. */
function readPolicyOr(text: string | undefined, fail: Fail): Policy | undefined {
  if (text === undefined) return undefined;
  const policy = readPolicy(text);
  if (typeof policy !== 'string') return policy;
  fail('policy', policy);
  return { text, rank: () => 'no-policy' };
}

function readPreReleases(text: string | undefined, fail: Fail): PreReleases {
  if (text === undefined || text === 'same') return 'same';
  if (text === 'off' || text === 'all') return text;
  fail('prereleases', `"${text}" is none of off, same, all`);
  return 'off';
}

function readPattern(text: string | undefined, fail: Fail): RE2JS | undefined {
  if (text === undefined) return undefined;
  try {
    return RE2JS.compile(text);
  } catch (error) {
    fail('tags', `"${text}" is not an RE2 pattern (${String(error)})`);
    return undefined;
  }
}
