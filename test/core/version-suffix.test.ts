import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCommit, isExactNumber, readSuffix, suffixTokens } from '../../src/core/version-suffix.ts';

const none = { channel: undefined, channelParts: [], flavour: '', revision: [] };

describe('suffixTokens', () => {
  test.each([
    ['', []],
    ['-alpine', ['alpine']],
    ['-debian-12-r9', ['debian', '12', 'r9']],
    ['.Final', ['Final']],
    ['beta3', ['beta3']],
    ['rc1-alpine', ['rc1', 'alpine']],
    ['_13', []],
    ['_13-jdk-alpine', ['jdk', 'alpine']],
    ['-jdk_4.b-slim', ['jdk', 'slim']],
  ])('%j gives %j', (rest, tokens) => {
    expect(suffixTokens(rest)).toEqual(tokens);
  });

  test.each(['-', '.', '-a-', '--a', '.-a', 'u502', 'x', '+1', ' '])(
    '%j stands behind no version',
    (rest) => {
      expect(suffixTokens(rest)).toBeUndefined();
    },
  );
});

describe('readSuffix', () => {
  test.each([
    ['', none],
    ['rc', { ...none, channel: 'rc' }],
    ['RC', { ...none, channel: 'rc' }],
    ['rc1', { ...none, channel: 'rc', channelParts: [1] }],
    ['rc.1', { ...none, channel: 'rc', channelParts: [1] }],
    ['rc-1', { ...none, channel: 'rc', channelParts: [1] }],
    ['rc-1.2', { ...none, channel: 'rc', channelParts: [1, 2] }],
    ['rc.1.x', { ...none, channel: 'rc', channelParts: [1, 'x'] }],
    ['rc.X', { ...none, channel: 'rc', channelParts: ['x'] }],
    ['rc.1234567890123456', { ...none, channel: 'rc', channelParts: ['1234567890123456'] }],
    ['rc-alpine', { ...none, channel: 'rc', flavour: 'alpine' }],
    ['SNAPSHOT.2', { ...none, channel: 'snapshot', channelParts: [2] }],
    ['m1', { ...none, channel: 'm', channelParts: [1] }],
    ['m', { ...none, flavour: 'm' }],
    ['a', { ...none, flavour: 'a' }],
    ['b2', { ...none, channel: 'b', channelParts: [2] }],
    ['nightly', { ...none, channel: 'nightly' }],
    ['rc1-beta2', { ...none, channel: 'rc', channelParts: [1], flavour: 'beta2' }],
    ['alpine', { ...none, flavour: 'alpine' }],
    ['jdk-slim', { ...none, flavour: 'jdk-slim' }],
    ['debian-12', { ...none, flavour: 'debian-12' }],
    ['r9', { ...none, revision: [9] }],
    ['r.9', { ...none, revision: [9] }],
    ['ls10', { ...none, revision: [10] }],
    ['build-3', { ...none, revision: [3] }],
    ['security-01', { ...none, revision: [1] }],
    ['hotfix2', { ...none, revision: [2] }],
    ['3', { ...none, revision: [3] }],
    ['rc1-3', { channel: 'rc', channelParts: [1], flavour: '', revision: [3] }],
    ['build20240501101112123', { ...none, flavour: 'build20240501101112123' }],
    ['build-20240501101112123', { ...none, flavour: 'build-20240501101112123' }],
    ['7.13', { ...none, revision: [7, 13] }],
    ['1234567890123456', { ...none, flavour: '1234567890123456' }],
    ['debian-12-r9', { ...none, flavour: 'debian-12', revision: [9] }],
    ['r1-r2', { ...none, flavour: 'r2', revision: [1] }],
    ['build', { ...none, flavour: 'build' }],
    ['rc.2-alpine-r9', { channel: 'rc', channelParts: [2], flavour: 'alpine', revision: [9] }],
    ['a1b2c3d', { ...none, flavour: '<commit>' }],
    ['b35188ffa1bbe54d1720d2e392779f7a48e58f6b', { ...none, flavour: '<commit>' }],
    ['b20240501', { ...none, channel: 'b', channelParts: [20240501] }],
    ['gdeadbeef0', { ...none, flavour: '<commit>' }],
    ['deadbeef', { ...none, flavour: 'deadbeef' }],
    ['20240501', { ...none, flavour: '<stamp>', revision: [20240501] }],
    ['7.20240501', { ...none, flavour: '<stamp>', revision: [7, 20240501] }],
    ['7.1234567890123456', { ...none, flavour: '7.1234567890123456' }],
    ['1712000000-a1b2c3d', { ...none, flavour: '<stamp>-<commit>', revision: [1712000000] }],
    ['99999', { ...none, revision: [99_999] }],
  ])('%j gives %j', (text, expected) => {
    const tokens = text === '' ? [] : text.split('-');

    const suffix = readSuffix(tokens);

    expect(suffix).toEqual(expected);
  });

  test('is total and uses every word', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 6 }), (tokens) => {
        const { flavour, channel, revision } = readSuffix(tokens);

        const words =
          channel !== undefined || revision.length > 0 || flavour !== '' || tokens.join('') === '';
        expect(words).toBe(true);
      }),
    );
  });
});

describe('isExactNumber', () => {
  test.each([
    ['0', true],
    ['9'.repeat(15), true],
    ['9'.repeat(16), false],
  ])('%s: %p', (digits, exact) => {
    expect(isExactNumber(digits)).toBe(exact);
  });
});

describe('isCommit', () => {
  test.each([
    ['0e2a89b', true],
    ['deadbee', true],
    ['a'.repeat(64), true],
    ['a'.repeat(65), false],
    ['1234567', false],
    ['0e2a89', false],
    ['0E2A89B', false],
    ['0e2a89b-x', false],
  ])('%s: %p', (text, commit) => {
    expect(isCommit(text)).toBe(commit);
  });
});
