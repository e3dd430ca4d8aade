import type { z } from 'zod';
import { allowedSecret } from '../../core/secret-text.ts';
import { withoutSecrets } from '../mask.ts';
import { describe, type Problem } from './problem.ts';
import type { WithSecrets } from './secrets.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What a schema found wrong with what was read; messages of schemas say what is allowed. */
export function problemsOf(
  { issues }: z.ZodError,
  { value, problems, places }: WithSecrets,
): readonly Problem[] {
  const isAtSecret = ({ path }: Issue): boolean => places.some((place) => isWithin(path, place));
  const unread = problems.map(({ path }) => path);
  const ofSecrets = places
    .filter((place) => !unread.includes(place))
    .flatMap((place) =>
      problemsOfSecret(
        place,
        issues.filter(({ path }) => isWithin(path, place)),
      ),
    );
  const withUnknown = issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path);
  const others = issues.filter(
    (issue) =>
      // What a section lacks besides is perhaps what the unknown key was to be.
      !isAtSecret(issue) &&
      !(issue.code === 'custom' && withUnknown.some((path) => isSame(path, issue.path))),
  );
  return [...others.flatMap((issue) => problemsOfIssue(issue, value)), ...ofSecrets];
}

/** Its place may be no place for one: what is found inside of it then are our names, and not the user's. */
function problemsOfSecret(path: Path, issues: readonly Issue[]): readonly Problem[] {
  const [issue] = issues;
  if (!issue) return [];
  const here = issues.filter((one) => one.path.length === path.length);
  const own = here.find(({ code }) => code === 'unrecognized_keys') ?? here[0];
  if (own?.code === 'custom') return [{ path, what: `this secret is not allowed; allowed: ${own.message}` }];
  const allowed = own?.code === 'unrecognized_keys' ? `a section with ${own.message}` : own?.message;
  return [
    { path, what: `a secret does not belong here${allowed === undefined ? '' : `; allowed: ${allowed}`}` },
  ];
}

function problemsOfIssue(issue: Issue, value: unknown): readonly Problem[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], what: `unknown; allowed: ${message}` }));
  if (issue.code === 'invalid_key') {
    const allowed = issue.issues[0]?.message ?? message;
    return [{ path, what: `this name is not allowed; allowed: ${allowed}` }];
  }
  const found = at(value, path);
  return [{ path, what: `${wrong(found, issue)}; allowed: ${message}` }];
}

function wrong(found: unknown, issue: Issue): string {
  if (found === undefined) return 'missing';
  // `channel: #deploys`, or a key of which everything is commented out.
  if (found === null) return 'empty: what begins with # is a comment';
  return `${shown(found, issue)} is not allowed`;
}

/** A secret that was written into the file shall not be in the log as well. */
function shown(found: unknown, issue: Issue): string {
  const [part = 'notifiers'] = issue.path;
  if (part !== 'notifiers') return describe(found);
  // Whoever forgets the key of a secret has it where the section should be.
  if (issue.message === allowedSecret || isOfSection(issue)) return kindOf(found);
  return describe(typeof found === 'string' ? withoutSecrets(found) : found);
}

function isOfSection(issue: Issue): boolean {
  return issue.code === 'invalid_type' && ['object', 'record'].includes(issue.expected);
}

function kindOf(found: unknown): string {
  if (typeof found === 'string') return 'a text';
  return typeof found === 'number' || typeof found === 'bigint' ? 'a number' : describe(found);
}

function isSame(one: Path, other: Path): boolean {
  return one.length === other.length && isWithin(one, other);
}

function isWithin(path: Path, place: Path): boolean {
  return place.every((part, index) => path[index] === part);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}
