import { describe, expect, test } from '@jest/globals';
import { keel } from '../../src/registries/keel.ts';

function parse(body: unknown, registryHost?: string): readonly string[] {
  const pushes = keel.parse({ headers: {}, body, raw: Buffer.of(), registryHost });
  return pushes.map(({ repository, tag }) => `${repository}:${tag}`);
}

describe('keel', () => {
  test.each([
    [{ name: 'quay.io/acme/shop' }, undefined, 'quay.io/acme/shop'],
    [{ name: 'quay.io/acme/shop' }, 'evil.example.com', 'quay.io/acme/shop'],
    [{ name: 'quay.io/acme/shop', host: 'evil.example.com' }, undefined, 'quay.io/acme/shop'],
    [{ name: 'acme/shop', host: 'quay.io' }, 'evil.example.com', 'quay.io/acme/shop'],
    [{ name: 'acme/shop', host: '' }, 'registry.example.com', 'registry.example.com/acme/shop'],
    [{ name: 'acme/shop' }, undefined, 'docker.io/acme/shop'],
    [{ name: 'quay.io/acme/shop:1.0.0' }, undefined, 'quay.io/acme/shop'],
    [{ name: 'https://quay.io/acme/shop' }, undefined, 'quay.io/acme/shop'],
  ])('%j with ?registry=%s is in %s', (image, host, repository) => {
    expect(parse({ ...image, tag: '1.1.0' }, host)).toEqual([`${repository}:1.1.0`]);
  });

  test.each([{}, { tag: '' }, { tag: null }, { digest: 'sha256:00' }])(
    'without a tag (%j) it is no push',
    (rest) => {
      expect(parse({ name: 'quay.io/acme/shop', ...rest })).toEqual([]);
    },
  );

  test.each([
    [{ name: 'a/b', tag: '1' }, true],
    [{ name: 'a/b', tag: '1', digest: 'sha256:00' }, true],
    [{ name: 'a/b', tag: '1', url: 'https://example.com' }, false],
    [{ name: 'a/b' }, false],
    [['a/b', '1'], false],
  ])('%j is known by its fields, and has no others: %s', (body, expected) => {
    expect(keel.recognises({ headers: {}, body, raw: Buffer.of(), registryHost: undefined })).toBe(expected);
  });

  test.each([
    [{ tag: '1' }, /^keel: name: /],
    [{ name: 'a/b', tag: 1 }, /^keel: tag: /],
    [{ name: 'a b', tag: '1' }, /^keel: name must name a repository/],
    [[], /^keel: body: /],
  ])('%j is refused, by place', (body, message) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) as unknown }),
    );
  });
});
