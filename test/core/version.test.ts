import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compareVersions,
  createVersionReader,
  parseVersion,
  sameShape,
  type Version,
} from '../../src/core/version.ts';
import { hostileTags } from '../support/hostile-tags.ts';
import { anyTags, closeTags, versionTags } from '../support/tags.ts';

const versions = fc
  .oneof(closeTags, versionTags)
  .map(parseVersion)
  .filter((version) => version !== undefined);

/** The version of a tag that is known to be one. */
function versionOf(tag: string): Version {
  const version = parseVersion(tag);
  if (!version) throw new Error(`${tag} is no version`);
  return version;
}

describe('parseVersion', () => {
  test.each([
    ['1.2.3', '', [1, 2, 3]],
    ['v1.2.3', 'v', [1, 2, 3]],
    ['V2', 'V', [2]],
    ['01.02.03', '', [1, 2, 3]],
    ['1.2.3.4', '', [1, 2, 3, 4]],
    ['20240102', '', [20240102]],
    ['123456789012345', '', [123456789012345]],
  ])('reads prefix and numbers of %s', (tag, prefix, parts) => {
    const version = parseVersion(tag);

    expect(version).toMatchObject({ tag, prefix, parts, channel: undefined, flavour: '', revision: [] });
  });

  test('reads every part of a full tag', () => {
    const version = parseVersion('v1.24.0-rc.2-alpine-r9');

    expect(version).toEqual({
      ...{ tag: 'v1.24.0-rc.2-alpine-r9', prefix: 'v', parts: [1, 24, 0] },
      ...{ channel: 'rc', channelParts: [2], flavour: 'alpine', revision: [9] },
    });
  });

  test.each([
    ['a word', 'latest'],
    ['a word behind v', 'version'],
    ['nothing', ''],
    ['a commit', '0e2a89b'],
    ['a long commit', '4fc1300ae6f6b4ede2f1db308e24db1647c4c7f9'],
    ['a commit that reads as a beta', '12345b6'],
    ['a number above 15 digits', '1234567890123456'],
    ['a part above 15 digits', '1.1234567890123456'],
    ['a glued word that is no pre-release', '8u502'],
    ['a part that is empty', '1.2.3-'],
    ['two dashes', '1.2.3--alpine'],
    ['a dash first', '-1.2.3'],
    ['a prefix of another kind', 'release-1.2.3'],
    ['a line break', '1.2.3\n'],
  ])('takes %s for no version', (_what, tag) => {
    const version = parseVersion(tag);

    expect(version).toBeUndefined();
  });

  test('is total, and keeps the tag', () => {
    fc.assert(
      fc.property(anyTags, (tag) => {
        const version = parseVersion(tag);

        expect(version === undefined || version.tag === tag).toBe(true);
      }),
    );
  });
});

describe('createVersionReader', () => {
  const tags = fc.oneof(closeTags, versionTags, anyTags, fc.constantFrom(...hostileTags));

  test('reads each of many tags as it would read it alone, in any order', () => {
    fc.assert(
      fc.property(fc.array(tags, { maxLength: 20 }), (list) => {
        const { parse } = createVersionReader();

        expect(list.map(parse)).toEqual(list.map(parseVersion));
      }),
      { numRuns: 500 },
    );
  });

  test('sees at a first look only what a closer one shows too', () => {
    const flavours = fc.constantFrom(
      '',
      'alpine',
      'jdk-slim',
      'al',
      'debian-12',
      'a',
      '<commit>',
      '<stamp>-x',
    );

    fc.assert(
      fc.property(fc.array(tags, { maxLength: 20 }), flavours, (list, flavour) => {
        const { isOther } = createVersionReader();

        const wrong = list.filter((tag) => isOther(tag, flavour) && parseVersion(tag)?.flavour === flavour);
        const noVersions = list.filter((tag) => isOther(tag, flavour) && parseVersion(tag) === undefined);
        expect([wrong, noVersions]).toEqual([[], []]);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['1.0.0-alpine', '', true],
    ['1.0.0-alpine', 'alpine', false],
    ['1.0.0-alpine-r3', 'slim', true],
    ['1.0.0-jdk-slim', 'jdk-alpine', false],
    ['1.0.0-rc1-alpine', 'slim', false],
    ['1.0.0-build-3', 'slim', false],
    ['1.0.0-3', 'slim', false],
    ['1.0.0', 'slim', false],
    ['1.0.0.Final', 'slim', false],
    ['latest-alpine', 'slim', false],
    ['1.0.0-alpine-', 'slim', false],
    ['1.0.0-alpine--x', 'slim', false],
    ['1.0.0-alpine_x', 'slim', false],
    ['1.0.0-', 'slim', false],
  ])('at a first look, %s is of another flavour than %j: %p', (tag, flavour, expected) => {
    expect(createVersionReader().isOther(tag, flavour)).toBe(expected);
  });

  test('is not misled by the tag before', () => {
    const { isOther } = createVersionReader();

    const before = ['1-alp', '1-alpine', '1-alpine-x', '1-rc1', '1-slim', '1-slimmer'];
    expect(before.map((tag) => isOther(tag, 'alpine'))).toEqual([false, false, false, false, true, true]);
  });
});

describe('compareVersions', () => {
  test.each([
    ['1.0.0', '1.0.1'],
    ['1.9.0', '1.10.0'],
    ['1.2', '1.2.0'],
    ['1.0.0-rc.1', '1.0.0'],
    ['1.0.0-SNAPSHOT', '1.0.0'],
    ['1.0.0-alpha.9', '1.0.0-beta.1'],
    ['1.0.0-rc', '1.0.0-rc.1'],
    ['1.0.0-rc.1', '1.0.0-rc.1.1'],
    ['1.0.0-rc9', '1.0.0-rc10'],
    ['1.0.0-rc.9', '1.0.0-rc.x'],
    ['1.0.0-rc.a', '1.0.0-rc.b'],
    ['19beta3', '19'],
    ['1.24.0-debian-12-r9', '1.24.0-debian-12-r10'],
    ['0.6.13-ls2', '0.6.13-ls10'],
    ['1.0.0', '1.0.0-1'],
    ['0.39.2-7.3', '0.39.2-7.13'],
    ['12.0.1', '12.0.1-security-01'],
  ])('%s is below %s', (low, high) => {
    const [a, b] = [versionOf(low), versionOf(high)];

    expect([compareVersions(a, b), compareVersions(b, a)]).toEqual([-1, 1]);
  });

  test.each([
    ['v1.0.0', '1.0.0'],
    ['1.0.0-RC.1', '1.0.0-rc1'],
    ['01.0', '1.0'],
    ['1.0.0-alpine', '1.0.0-slim'],
    ['21.0.2_13-jdk', '21.0.2_14-jdk'],
  ])('%s equals %s', (left, right) => {
    expect(compareVersions(versionOf(left), versionOf(right))).toBe(0);
  });

  test('is antisymmetric', () => {
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
      }),
    );
  });

  test('is transitive', () => {
    fc.assert(
      fc.property(versions, versions, versions, (a, b, c) => {
        const [low, middle, high] = [a, b, c].sort(compareVersions);

        expect(low && middle && high && compareVersions(low, high)).toBeLessThanOrEqual(0);
        expect(low && middle && compareVersions(low, middle)).toBeLessThanOrEqual(0);
        expect(middle && high && compareVersions(middle, high)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('sameShape', () => {
  test.each([
    ['1.2.3', 'v4.5.6', true],
    ['1.2', '1.2.3', false],
    ['9', '10', true],
    ['20240101', '20250101', true],
    ['9', '20250101', false],
    ['999999', '1000000', false],
    ['1234567', '7654321', true],
    ['1.20240101', '1.5', true],
  ])('%s and %s: %p', (a, b, same) => {
    expect(sameShape(versionOf(a), versionOf(b))).toBe(same);
    expect(sameShape(versionOf(b), versionOf(a))).toBe(same);
  });
});
