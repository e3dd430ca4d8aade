import { compareDigits, compareNatural } from './keel-order.ts';

/** A tag as Keel reads a version: numbers, and everything after the first dash as its pre-release. */
export interface KeelVersion {
  /** The dotted numbers, as digits. Keel knows up to three; more are read so that they can be kept apart. */
  readonly parts: readonly string[];
  /** Without its dash; empty when there is none. */
  readonly preRelease: string;
}

// https://github.com/Masterminds/semver/blob/v1.5.0/version.go: lenient, with an optional `v` and missing numbers.
const form = /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** Reads `tag` as a version with any count of numbers, or `undefined`. Total. */
export function parseKeelVersion(tag: string): KeelVersion | undefined {
  const [, core, preRelease = ''] = form.exec(tag) ?? [];
  return core === undefined ? undefined : { parts: core.split('.'), preRelease };
}

/** Semver's precedence; missing numbers are 0, and words of a pre-release are in natural order (rc9, rc10). */
export function compareKeelVersions(a: KeelVersion, b: KeelVersion): number {
  return compareParts(a.parts, b.parts) || comparePreReleases(a.preRelease, b.preRelease);
}

/** Whether the first `count` numbers are the same. */
export function sameHead(a: KeelVersion, b: KeelVersion, count: number): boolean {
  return compareParts(head(a, count), head(b, count)) === 0;
}

function head({ parts }: KeelVersion, count: number): readonly string[] {
  return parts.slice(0, count);
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = compareDigits(a[i] ?? '0', b[i] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

/** https://semver.org/#spec-item-11 */
function comparePreReleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  const [left, right] = [a.split('.'), b.split('.')];
  for (const [i, identifier] of left.entries()) {
    const other = right[i];
    const order = other === undefined ? 1 : compareIdentifiers(identifier, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifiers(a: string, b: string): number {
  const [left, right] = [a, b].map((identifier) => /^\d+$/.test(identifier));
  if (left !== right) return left ? -1 : 1;
  return left ? compareDigits(a, b) : compareNatural(a, b);
}
