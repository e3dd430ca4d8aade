import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalRepository,
  isImageTag,
  isValidTag,
  parseImageRef,
  pathOf,
  withTag,
} from '../../src/core/image-ref.ts';
import { anyTags } from '../support/tags.ts';

const sha256 = `sha256:${'0123456789abcdef'.repeat(4)}`;
const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const hosts = fc.oneof(
  fc.constantFrom(
    'quay.io',
    'localhost',
    'localhost:5000',
    '[::1]:5000',
    'index.docker.io',
    'HUB',
    'Reg.Example',
  ),
  fc.tuple(label, label).map((labels) => labels.join('.')),
);
const paths = fc
  .array(
    fc
      .tuple(label, fc.constantFrom('.', '_', '__', '-', '--'), label)
      .map(([left, between, right]) => `${left}${between}${right}`),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join('/'));
const tags = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,30}$/);

describe('parseImageRef', () => {
  test.each([
    ['nginx', 'nginx', 'docker.io/library/nginx', undefined, undefined],
    ['nginx:1.27', 'nginx', 'docker.io/library/nginx', '1.27', undefined],
    ['acme/shop:1', 'acme/shop', 'docker.io/acme/shop', '1', undefined],
    ['docker.io/nginx', 'docker.io/nginx', 'docker.io/library/nginx', undefined, undefined],
    ['index.docker.io/acme/shop:1', 'index.docker.io/acme/shop', 'docker.io/acme/shop', '1', undefined],
    [
      'registry-1.docker.io/nginx',
      'registry-1.docker.io/nginx',
      'docker.io/library/nginx',
      undefined,
      undefined,
    ],
    ['registry.hub.docker.com/a/b', 'registry.hub.docker.com/a/b', 'docker.io/a/b', undefined, undefined],
    ['quay.io/acme/shop:v1.0.0', 'quay.io/acme/shop', 'quay.io/acme/shop', 'v1.0.0', undefined],
    ['QUAY.io/acme/shop:v1', 'QUAY.io/acme/shop', 'quay.io/acme/shop', 'v1', undefined],
    ['host:5000/shop', 'host:5000/shop', 'host:5000/shop', undefined, undefined],
    ['host:5000/a/b/c:1', 'host:5000/a/b/c', 'host:5000/a/b/c', '1', undefined],
    ['localhost/shop:1', 'localhost/shop', 'localhost/shop', '1', undefined],
    ['[2001:db8::1]:5000/shop:1', '[2001:db8::1]:5000/shop', '[2001:db8::1]:5000/shop', '1', undefined],
    ['[::1]/shop', '[::1]/shop', '[::1]/shop', undefined, undefined],
    ['HUB/shop:1', 'HUB/shop', 'HUB/shop', '1', undefined],
    [`shop@${sha256}`, 'shop', 'docker.io/library/shop', undefined, sha256],
    [`quay.io/a/b:1@${sha256}`, 'quay.io/a/b', 'quay.io/a/b', '1', sha256],
    ['quay.io/a__b/c--d/e.f', 'quay.io/a__b/c--d/e.f', 'quay.io/a__b/c--d/e.f', undefined, undefined],
  ])('reads %s', (text, name, repository, tag, digest) => {
    const ref = parseImageRef(text);

    expect(ref).toEqual({ name, repository, tag, digest });
  });

  test.each([
    ['nothing', ''],
    ['a tag alone', ':1'],
    ['an empty tag', 'nginx:'],
    ['an illegal tag', 'nginx:-1'],
    ['a capital in the path', 'quay.io/Acme/shop'],
    ['an empty part', 'quay.io//shop'],
    ['a slash at the end', 'quay.io/acme/'],
    ['a space', 'quay.io/acme/shop :1'],
    ['a scheme', 'https://quay.io/acme/shop'],
    ['three underscores', 'quay.io/a___b'],
    ['a port of six digits', 'host:500000/shop'],
    ['a host that begins with a dash', '-host.io/shop'],
    ['an empty digest', 'nginx@'],
    ['a short digest', 'nginx@sha256:abc'],
    ['two digests', `nginx@${sha256}@${sha256}`],
    ['more than 255 characters', `quay.io/${'a'.repeat(248)}`],
  ])('refuses %s', (_what, text) => {
    const ref = parseImageRef(text);

    expect(ref).toBeUndefined();
  });

  test('is total: any text gives a reference or undefined', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), anyTags), (text) => {
        const ref = parseImageRef(text);

        expect(ref === undefined || text.startsWith(ref.name)).toBe(true);
      }),
    );
  });

  test('takes apart what was put together, whatever the host, path, tag and digest', () => {
    const optionalTag = fc.option(tags, { nil: undefined });
    const digests = fc.constantFrom(undefined, sha256);

    fc.assert(
      fc.property(hosts, paths, optionalTag, digests, (host, path, tag, digest) => {
        const name = `${host}/${path}`;

        const ref = parseImageRef(
          `${name}${tag === undefined ? '' : `:${tag}`}${digest ? `@${digest}` : ''}`,
        );

        expect(ref).toEqual({ name, repository: canonicalRepository(name), tag, digest });
        expect(ref?.repository).toBeDefined();
      }),
    );
  });

  test('reads back what withTag writes', () => {
    fc.assert(
      fc.property(hosts, paths, tags, tags, (host, path, before, after) => {
        const ref = parseImageRef(`${host}/${path}:${before}@${sha256}`);

        const moved = ref && parseImageRef(withTag(ref, after));

        expect(moved).toEqual({ ...ref, tag: after, digest: undefined });
      }),
    );
  });
});

describe('canonicalRepository', () => {
  test('is idempotent', () => {
    const names = fc.oneof(
      fc.string(),
      paths,
      fc.tuple(hosts, paths).map((parts) => parts.join('/')),
    );

    fc.assert(
      fc.property(names, (name) => {
        const once = canonicalRepository(name);

        expect(once === undefined ? undefined : canonicalRepository(once)).toBe(once);
      }),
    );
  });

  test('takes 255 characters', () => {
    const longest = `quay.io/${'a'.repeat(247)}`;

    expect(canonicalRepository(longest)).toBe(longest);
  });

  test('keeps the host apart that only its capitals make a host', () => {
    expect(canonicalRepository('HUB/shop')).not.toBe(canonicalRepository('hub/shop'));
  });
});

describe('isValidTag', () => {
  test.each(['1', 'v1.2.3', '_', 'A-b.c_d', 'a'.repeat(128)])('takes %s', (tag) => {
    expect(isValidTag(tag)).toBe(true);
  });

  test.each(['', '.1', '-1', 'a b', 'a/b', 'a:b', 'a\n', 'ä', '1+2', 'a'.repeat(129)])(
    'refuses %j',
    (tag) => {
      expect(isValidTag(tag)).toBe(false);
    },
  );
});

describe('isImageTag', () => {
  test.each(['1.0.0', 'latest', 'sha-33cefd3', 'sha256-short', `x-sha256-${'a'.repeat(64)}`])(
    'takes %s',
    (tag) => {
      expect(isImageTag(tag)).toBe(true);
    },
  );

  test.each([
    `sha256-${'a'.repeat(64)}`,
    `sha256-${'a'.repeat(64)}.sig`,
    `sha256-${'0'.repeat(64)}.att`,
    `sha256-${'0'.repeat(64)}.sbom`,
    `sha512-${'b'.repeat(128)}`,
    `sha256__${'c'.repeat(64)}`,
  ])('refuses %s', (tag) => {
    expect(isImageTag(tag)).toBe(false);
  });
});

describe('pathOf', () => {
  test.each([
    ['quay.io/ns/app', 'ns/app'],
    ['docker.io/library/nginx', 'library/nginx'],
    ['host:5000/a/b/c', 'a/b/c'],
  ])('%s gives %s', (repository, path) => {
    expect(pathOf(repository)).toBe(path);
  });
});
