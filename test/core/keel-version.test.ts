import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import semver from 'semver';
import {
  compareKeelVersions,
  parseKeelVersion,
  sameHead,
  type KeelVersion,
} from '../../src/core/keel-version.ts';
import { anyTags } from '../support/tags.ts';

function versionOf(tag: string): KeelVersion {
  const version = parseKeelVersion(tag);
  if (!version) throw new Error(`${tag} is no version`);
  return version;
}

describe('parseKeelVersion', () => {
  test.each([
    ['1.2.3', ['1', '2', '3'], ''],
    ['v1.2', ['1', '2'], ''],
    ['10', ['10'], ''],
    ['1.2.3.4', ['1', '2', '3', '4'], ''],
    ['7.9.1-1-ubi8', ['7', '9', '1'], '1-ubi8'],
    ['1.2.3-rc.1', ['1', '2', '3'], 'rc.1'],
  ])('reads %s', (tag, parts, preRelease) => {
    expect(parseKeelVersion(tag)).toEqual({ parts, preRelease });
  });

  test.each([
    '',
    'latest',
    'V1.2.3',
    '1.2.',
    '1.2.3-',
    '1.2.3-rc..1',
    '1.2.3_4',
    '1.2.3alpha',
    '1.2.3\n',
    '-1',
  ])('does not read %j', (tag) => {
    expect(parseKeelVersion(tag)).toBeUndefined();
  });
});

describe('compareKeelVersions', () => {
  test.each([
    ['1.2', '1.2.0', 0],
    ['1.2', '1.2.1', -1],
    ['1.02.0', '1.2.0', 0],
    ['1.10.0', '1.9.0', 1],
    ['1.2.3.4', '1.2.3.3', 1],
    ['1.0.0-rc.1', '1.0.0', -1],
    ['1.0.0', '1.0.0-rc.1', 1],
    ['1.0.0-rc.2', '1.0.0-rc.10', -1],
    ['1.0.0-rc9', '1.0.0-rc10', -1],
    ['1.0.0-rc', '1.0.0-rc.1', -1],
    ['1.0.0-rc.1', '1.0.0-rc', 1],
    ['1.0.0-1', '1.0.0-rc', -1],
    ['1.0.0-rc', '1.0.0-1', 1],
    ['1.0.0-xx', '1.0.0-xx', 0],
    ['1.0.0-xx', '1.0.0-yy', -1],
  ])('%s and %s: %d', (a, b, order) => {
    expect(Math.sign(compareKeelVersions(versionOf(a), versionOf(b)))).toBe(order);
  });

  test('agrees with semver wherever that knows both versions', () => {
    const part = fc.nat(20);
    const word = fc.oneof(fc.nat(20).map(String), fc.constantFrom('alpha', 'beta', 'rc', 'x-y'));
    const preRelease = fc
      .array(word, { maxLength: 3 })
      .map((words) => (words.length > 0 ? `-${words.join('.')}` : ''));
    const version = fc.tuple(part, part, part, preRelease).map(([a, b, c, end]) => `${a}.${b}.${c}${end}`);

    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareKeelVersions(versionOf(a), versionOf(b)))).toBe(semver.compare(a, b));
      }),
    );
  });
});

test.each([
  ['1.2.3', '1.9.9', 1, true],
  ['1.2.3', '1.9.9', 2, false],
  ['1.2.3', '2.2.3', 0, true],
  ['1', '1.0.5', 2, true],
])('sameHead of %s and %s, %d numbers: %s', (a, b, count, same) => {
  expect(sameHead(versionOf(a), versionOf(b), count)).toBe(same);
});

test('is total', () => {
  fc.assert(
    fc.property(anyTags, (tag) => {
      const version = parseKeelVersion(tag);

      expect(version === undefined || compareKeelVersions(version, version) === 0).toBe(true);
    }),
  );
});
