import { describe, expect, test } from '@jest/globals';
import { quay } from '../../src/registries/quay.ts';

function parse(body: unknown, registryHost?: string): readonly string[] {
  const pushes = quay.parse({ headers: {}, body, raw: Buffer.of(), registryHost });
  return pushes.map(({ repository, tag, digest }) => `${repository}:${tag}${digest ?? ''}`);
}

describe('quay', () => {
  test.each([
    ['quay.io/acme/shop', 'quay.io/acme/shop'],
    ['QUAY.io/acme/shop', 'quay.io/acme/shop'],
    ['quay.example.com:8443/acme/shop', 'quay.example.com:8443/acme/shop'],
    ['quay.io/acme/team/shop', 'quay.io/acme/team/shop'],
  ])('docker_url %s is %s', (url, repository) => {
    expect(parse({ docker_url: url, repository: 'other/name', updated_tags: ['1'] })).toEqual([
      `${repository}:1`,
    ]);
  });

  test.each([
    [undefined, 'quay.io/acme/shop:1'],
    ['quay.example.com', 'quay.example.com/acme/shop:1'],
  ])('without docker_url the host is ?registry= (%s), else quay.io', (host, expected) => {
    expect(parse({ repository: 'acme/shop', updated_tags: ['1'] }, host)).toEqual([expected]);
    expect(parse({ docker_url: '', repository: 'acme/shop', updated_tags: ['1'] }, host)).toEqual([expected]);
  });

  test('?registry= never replaces the host that the payload names', () => {
    const body = { docker_url: 'quay.io/acme/shop', updated_tags: ['1'] };

    expect(parse(body, 'evil.example.com')).toEqual(['quay.io/acme/shop:1']);
  });

  test('a tag that looks like a number stays a text', () => {
    expect(parse({ docker_url: 'quay.io/a/b', updated_tags: ['3.10', '1e3', '007'] })).toEqual([
      'quay.io/a/b:3.10',
      'quay.io/a/b:1e3',
      'quay.io/a/b:007',
    ]);
  });

  test('a tag that is none by the grammar is handed on, so that its refusal is told; an empty one is not', () => {
    expect(parse({ docker_url: 'quay.io/a/b', updated_tags: ['', 'a b', '../x'] })).toEqual([
      'quay.io/a/b:a b',
      'quay.io/a/b:../x',
    ]);
  });

  test.each([
    ['no repository at all', { updated_tags: ['1'] }],
    ['a repository that is none', { docker_url: 'quay.io/../x', updated_tags: ['1'] }],
    ['a URL', { docker_url: 'https://quay.io/a/b', updated_tags: ['1'] }],
    ['a tag in the repository', { docker_url: 'quay.io/a/b:1', updated_tags: ['1'] }],
    ['more tags than Quay sends', { docker_url: 'quay.io/a/b', updated_tags: Array(1001).fill('1') }],
    ['null tags', { docker_url: 'quay.io/a/b', updated_tags: null }],
  ])('%s is refused, by field', (_name, body) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringMatching(/^quay: .*(?:docker_url|updated_tags)/) as unknown,
      }),
    );
  });

  test('an object of more tags than a list may have is refused too', () => {
    const tags = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`t${n}`, 'id']));

    expect(() => parse({ docker_url: 'quay.io/a/b', updated_tags: tags })).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });
});
