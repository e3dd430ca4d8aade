import type { RE2JS } from 're2js';
import { readPolicy } from './policies/index.ts';
import type { Policy, PreReleases } from './policy.ts';
import { compilePattern } from './re2-pattern.ts';

/** What is said of one container, or of all of them. Undefined is what was not said, or could not be read. */
export interface TargetRules {
  readonly policy: Policy | undefined;
  readonly preReleases: PreReleases | undefined;
  /** Tags that do not match are filtered. */
  readonly tags: RE2JS | undefined;
}

/** The value of an annotation, and its whole key, for messages. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}

/** Is told which annotation cannot be obeyed, and why. */
export type Fail = (key: string, why: string) => void;

/** Reads the values of `policy`, `prereleases` and `tags`. Total: what cannot be read is told to `fail`. */
export function readRules(settings: ReadonlyMap<string, Setting>, fail: Fail): TargetRules {
  return {
    policy: readPolicyOr(settings.get('policy'), fail),
    preReleases: readPreReleases(settings.get('prereleases'), fail),
    tags: readTags(settings.get('tags'), fail),
  };
}

/** Stands where a policy could not be read: it picks nothing, and the workload is not forgotten. */
export function unreadable(text: string): Policy {
  return { text: printable(text), rank: () => 'no-policy' };
}

/** Text that others wrote, fit for a line of a log: cut, and what cannot be seen is spelled out. */
export function printable(text: string): string {
  const short = text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
  return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${Number(char.codePointAt(0)).toString(16)}}`);
}

/** One line for a person out of problems, or `undefined` when there is none. */
export function joinProblems(problems: readonly string[]): string | undefined {
  if (problems.length === 0) return undefined;
  const more = problems.length > 10 ? [`and ${problems.length - 10} more`] : [];
  return [...problems.slice(0, 10), ...more].join('; ');
}

function readPolicyOr(setting: Setting | undefined, fail: Fail): Policy | undefined {
  if (!setting) return undefined;
  const { key, value } = setting;
  const policy = value.length > 300 ? 'longer than 300 characters' : readPolicy(value);
  if (typeof policy !== 'string') return policy;
  fail(key, policy);
  return unreadable(value);
}

function readPreReleases(setting: Setting | undefined, fail: Fail): PreReleases | undefined {
  if (!setting) return undefined;
  const { key, value } = setting;
  if (value === 'off' || value === 'same' || value === 'all') return value;
  fail(key, `"${value}" is none of off, same, all`);
  return 'off';
}

function readTags(setting: Setting | undefined, fail: Fail): RE2JS | undefined {
  if (!setting) return undefined;
  const pattern = compilePattern(setting.value);
  if (typeof pattern !== 'string') return pattern;
  fail(setting.key, pattern);
  return undefined;
}
