import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  digestOrNull,
  hostIn,
  imageParts,
  mayBeImage,
  pushedTags,
  pushesOf,
  repositoryAt,
  tagsAnImage,
} from '../../src/core/pushed-image.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('repositoryAt', () => {
  const at = (host: string | undefined, path: string): string =>
    repositoryAt({ source: 'acme', field: 'repo.name', host, path });

  test.each([
    ['quay.io', 'a/b', 'quay.io/a/b'],
    ['QUAY.io', 'a/b', 'quay.io/a/b'],
    ['localhost:5000', 'a', 'localhost:5000/a'],
    ['docker.io', 'nginx', 'docker.io/library/nginx'],
    ['index.docker.io', 'a/b', 'docker.io/a/b'],
  ])('%s, %s', (host, path, repository) => {
    expect(at(host, path)).toBe(repository);
  });

  test.each([
    ['quay.io', '../a'],
    ['quay.io', ''],
    ['quay.io', '/a/b'],
    ['registry', 'a/b'],
    ['', 'a/b'],
    ['evil.example.com/x', 'a/b'],
  ])('%j, %j is refused by field', (host, path) => {
    expect(() => at(host, path)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: `acme: repo.name must name a repository, not "${path}" at "${host}"`,
      }),
    );
  });

  test('the error for a long name is short', () => {
    expect(() => at('quay.io', `../${'x'.repeat(1000)}`)).toThrow(/^.{0,300}$/);
  });

  test('without a host it says how to give one', () => {
    expect(() => at(undefined, 'a/b')).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: 'acme: the body names no registry: add ?registry=HOST to the webhook URL',
      }),
    );
  });
});

test.each([
  ['https://registry.example.com/x', 'registry.example.com'],
  ['http://registry.example.com:5000', 'registry.example.com:5000'],
  ['https://registry.example.com?x=1', 'registry.example.com'],
  ['Registry.example.com:5000', 'registry.example.com:5000'],
  ['quay.io/a/b', 'quay.io'],
  ['localhost', 'localhost'],
  ['a/b', undefined],
  ['nginx', undefined],
  ['', undefined],
  ['a b', undefined],
  ['https://', undefined],
  ['file:///etc/passwd', undefined],
])('hostIn(%j) is %j', (text, host) => {
  expect(hostIn(text)).toBe(host);
});

describe('imageParts', () => {
  test.each([
    ['quay.io/a/b', 'quay.io/a/b', '', undefined],
    ['quay.io/a/b:1', 'quay.io/a/b', '1', undefined],
    ['quay.io/a/b:', 'quay.io/a/b', '', undefined],
    ['localhost:5000/a/b', 'localhost:5000/a/b', '', undefined],
    ['localhost:5000/a/b:1', 'localhost:5000/a/b', '1', undefined],
    [`quay.io/a/b@${digest}`, 'quay.io/a/b', '', digest],
    [`quay.io/a/b:1@${digest}`, 'quay.io/a/b', '1', digest],
    ['https://quay.io/a/b:1', 'quay.io/a/b', '1', undefined],
    ['HTTP://quay.io/a/b', 'quay.io/a/b', '', undefined],
    ['a:1', 'a', '1', undefined],
    ['', '', '', undefined],
  ])('%s', (text, name, tag, ofDigest) => {
    expect(imageParts(text)).toEqual({ name, tag, digest: ofDigest });
  });

  test('loses nothing of what it takes apart', () => {
    const path = fc.stringMatching(/^[a-z0-9./-]{1,20}$/);
    const tag = fc.stringMatching(/^[A-Za-z0-9_.-]{0,20}$/);
    fc.assert(
      fc.property(path, tag, fc.constantFrom(undefined, digest), (name, ofTag, ofDigest) => {
        const text = name + (ofTag && `:${ofTag}`) + (ofDigest === undefined ? '' : `@${ofDigest}`);
        expect(imageParts(text)).toEqual({ name, tag: ofTag, digest: ofDigest });
      }),
    );
  });
});

test.each([
  ['1.0', true],
  ['a b', true],
  ['', false],
  [digest, false],
  [`sha256-${'ab'.repeat(32)}.sig`, false],
])('tagsAnImage(%j) is %j', (tag, expected) => {
  expect(tagsAnImage(tag)).toBe(expected);
});

describe('pushesOf', () => {
  test.each([
    [digest, digest],
    [null, null],
    [undefined, null],
    ['none', null],
  ])('with the digest %j', (given, told) => {
    expect(pushesOf('quay.io/a/b', '1', given)).toEqual([
      { repository: 'quay.io/a/b', tag: '1', digest: told },
    ]);
  });

  test.each([
    ['ann', 'ann'],
    [' Ann\n\u202eSmith ', 'Ann \\u{202e}Smith'],
    ['x'.repeat(600), `${'x'.repeat(511)}…`],
  ])('says that %j pushed, in one line', (pusher, pushedBy) => {
    expect(pushesOf('quay.io/a/b', '1', null, pusher)).toEqual([
      { repository: 'quay.io/a/b', tag: '1', digest: null, pushedBy },
    ]);
  });

  test.each(['', ' \u200b', `${' '.repeat(9000)}x`])('of the pusher %j says nothing', (pusher) => {
    expect(pushesOf('quay.io/a/b', '1', null, pusher)[0]).not.toHaveProperty('pushedBy');
  });

  test.each([
    ['', null],
    [digest, null],
    ['sha256:abc', 'sha256:abc'],
  ])('a tag %j with the digest %j names no image', (tag, given) => {
    expect(pushesOf('quay.io/a/b', tag, given)).toEqual([]);
  });
});

test.each([
  [digest, digest],
  [`sha512:${'0'.repeat(128)}`, `sha512:${'0'.repeat(128)}`],
  ['sha256:abc123', 'sha256:abc123'],
  ['digest1', null],
  ['sha256:', null],
  [':abc', null],
  ['sha256:a b', null],
  ['sha256:a"}', null],
  [`sha256:${'a'.repeat(256)}`, null],
  ['', null],
  [null, null],
  [undefined, null],
])('digestOrNull(%j) is %j', (text, expected) => {
  expect(digestOrNull(text)).toBe(expected);
});

test.each([
  ['application/vnd.docker.container.image.v1+json', true],
  ['application/vnd.docker.distribution.manifest.list.v2+json', true],
  ['application/vnd.oci.image.config.v1+json', true],
  ['application/vnd.oci.image.index.v1+json', true],
  ['', true],
  ['application/vnd.cncf.helm.config.v1+json', false],
  ['application/vnd.acr.helm.chart', false],
  ['application/vnd.docker.plugin.v1+json', false],
  ['text/sbom+json', false],
])('mayBeImage(%j) is %j', (type, expected) => {
  expect(mayBeImage(type)).toBe(expected);
});

test('an answer tells the tags, and nobody who pushed them', () => {
  const tag = { repository: 'quay.io/a/b', tag: '1', digest };

  expect(pushedTags([{ ...tag, pushedBy: 'ann' }, tag])).toEqual([tag, tag]);
});
