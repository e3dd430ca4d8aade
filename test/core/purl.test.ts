import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ociPurl, parseOciPurl, type PushedImage } from '../../src/core/purl.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

/** What a receiver's library makes of it: decoded part by part. */
function parse(purl: string): PushedImage & { readonly name: string } {
  const [, name = '', version, query = ''] = /^pkg:oci\/([^/@?]+)(?:@([^?]+))?\?(.+)$/.exec(purl) ?? [];
  const qualifiers = new Map(
    query.split('&').map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]),
  );
  return {
    name: decodeURIComponent(name),
    digest: version === undefined ? undefined : decodeURIComponent(version),
    repository: qualifiers.get('repository_url') ?? '',
    tag: qualifiers.get('tag') ?? '',
  };
}

describe('the package URL of an image', () => {
  test.each([
    ['quay.io/acme/shop', '1.1.0', undefined, 'pkg:oci/shop?repository_url=quay.io%2Facme%2Fshop&tag=1.1.0'],
    [
      'docker.io/library/debian',
      'latest',
      digest,
      `pkg:oci/debian@${digest}?repository_url=docker.io%2Flibrary%2Fdebian&tag=latest`,
    ],
    ['localhost:5000/a', 'V_1', undefined, 'pkg:oci/a?repository_url=localhost:5000%2Fa&tag=V_1'],
    [
      'ghcr.io/Acme/Shop',
      'a b+c!',
      digest.toUpperCase(),
      `pkg:oci/shop@${digest}?repository_url=ghcr.io%2FAcme%2FShop&tag=a%20b%2Bc%21`,
    ],
  ])('%s:%s with %s is %s', (repository, tag, given, expected) => {
    expect(ociPurl({ repository, tag, digest: given })).toBe(expected);
  });

  test('says everything that went into it, whatever that is', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 });
    const path = fc.string({ unit: fc.constantFrom(...Array.from('abcxyz019._-é%&=?#@')), minLength: 1 });

    fc.assert(
      fc.property(text, path, fc.option(path, { nil: undefined }), (tag, name, given) => {
        const image = { repository: `quay.io/acme/${name}`, tag, digest: given };

        const purl = ociPurl(image);

        expect(purl).toMatch(/^[\x21-\x7e]+$/);
        expect(parse(purl)).toEqual({ ...image, name: name.toLowerCase(), digest: given?.toLowerCase() });
      }),
    );
  });

  test('is made of half a character, too', () => {
    expect(ociPurl({ repository: 'quay.io/x', tag: '\ud800', digest: undefined })).toContain('tag=%EF%BF%BD');
  });
});

describe('reading the package URL of an image', () => {
  const none = { name: 'shop', digest: '', repositoryUrl: '', tag: '' };

  test.each([
    ['pkg:oci/shop', none],
    ['PKG:OCI/Shop', none],
    ['pkg://oci/shop?tag=1', { ...none, tag: '1' }],
    [`pkg:oci/shop@sha256%3A${'0a'.repeat(32)}`, { ...none, digest }],
    [`pkg:oci/shop@${digest}?arch=amd64#sub/path`, { ...none, digest }],
    [
      'pkg:oci/shop?Repository_URL=quay.io%2Facme%2Fshop&tag=a%20b+c&arch=arm64',
      { ...none, repositoryUrl: 'quay.io/acme/shop', tag: 'a b+c' },
    ],
    ['pkg:oci/shop?tag=100%&flag&=x', { ...none, tag: '100%' }],
  ])('%s', (text, expected) => {
    expect(parseOciPurl(text)).toEqual(expected);
  });

  test.each(['', 'shop', 'pkg:oci/', 'pkg:golang/mygit.com/myorg/myapp@234fd4', 'pkg:docker/shop@1'])(
    '%j is none',
    (text) => {
      expect(parseOciPurl(text)).toBeUndefined();
    },
  );

  test('gives back what was written', () => {
    const name = fc.stringMatching(/^[a-z0-9]+$/);

    fc.assert(
      fc.property(
        name,
        fc.string({ minLength: 1 }),
        fc.option(fc.constant(digest), { nil: undefined }),
        (...made) => {
          const [path, tag, given] = made;
          const repository = `quay.io/acme/${path}`;

          expect(parseOciPurl(ociPurl({ repository, tag, digest: given }))).toEqual({
            ...{ name: path, repositoryUrl: repository, tag, digest: given ?? '' },
          });
        },
      ),
    );
  });

  test('is total', () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        expect(typeof parseOciPurl(`pkg:oci/shop${rest}`)?.tag).toBe('string');
      }),
    );
  });
});
