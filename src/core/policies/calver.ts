import type { PolicyModule } from '../policy.ts';
import { parseVersion, type Version } from '../version.ts';
import { rankVersions } from './shared/like-for-like.ts';

/** A tag read as a date. */
interface DatedVersion extends Version {
  /** What must stay: how the year is written, and what stands between the parts. */
  readonly shape: string;
}

/** At most year, month and day are dashed: a further number (`2024-01-31-2`) is a rebuild. */
const dashedDate = /^([vV]?(?:\d{4}|\d{1,2}))-(\d{1,2})(?:-(\d{1,2}))?(?![0-9A-Za-z])/;

/** `calver`: the highest date, part by part. https://calver.org */
export const calverPolicy: PolicyModule = {
  names: ['calver'],
  usage: 'calver',
  read(name, argument) {
    if (argument !== undefined) return `${name} takes no argument`;
    const sameShape = (a: DatedVersion, b: DatedVersion): boolean => a.shape === b.shape;
    const within = (): boolean => true;
    const reading = { isOther: () => false, parse: parseDate, sameShape, within };
    return { text: name, rank: (current, preReleases) => rankVersions(reading, current, preReleases) };
  },
};

/** Reads `2024.05.1`, `24.04`, `2024-01-31`, `20240131` with whatever may stand behind a version. Total. */
function parseDate(tag: string): DatedVersion | undefined {
  const dotted = tag.replace(dashedDate, (_date, ...parts: (string | undefined)[]) =>
    parts
      .slice(0, 3)
      .filter((part) => part !== undefined)
      .join('.'),
  );
  const version = parseVersion(dotted);
  const year = version && yearForm(version.parts);
  if (!version || year === undefined) return undefined;
  const separator = dotted === tag ? '.' : '-';
  return { ...version, tag, shape: `${year}${separator}${version.parts.length}` };
}

/** How the date begins, or `undefined` when no date begins so: short year, long year, or all in one number. */
function yearForm(parts: readonly number[]): string | undefined {
  const first = String(parts[0]);
  if (first.length <= 2) return parts.length > 1 ? 'YY' : undefined;
  const compact = /^(?:19|20|21)\d\d(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])(?:\d{2}){0,3})?)?$/;
  return compact.test(first) ? `Y${first.length}` : undefined;
}
