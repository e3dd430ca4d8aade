import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../src/core/registry.ts';
import { ghcr } from '../../src/registries/ghcr.ts';

const digest = `sha256:${'a1'.repeat(32)}`;
const fromGithub = { 'x-github-event': 'package' };

function aRequest(
  body: unknown,
  headers: WebhookRequest['headers'] = fromGithub,
  registryHost?: string,
): WebhookRequest {
  return { headers, body, raw: Buffer.from(JSON.stringify(body)), registryHost };
}

function parse(pack: object, registryHost?: string): readonly string[] {
  const body = { action: 'published', package: pack };
  return ghcr
    .parse(aRequest(body, fromGithub, registryHost))
    .map((push) => `${push.repository}:${push.tag} ${push.digest ?? ''}`.trimEnd());
}

/** A version whose tag is 1.0, and what is said of it beside. */
function tagged(version: object = {}): object {
  return {
    package_type: 'container',
    package_version: { container_metadata: { tag: { name: '1.0' } }, ...version },
  };
}

describe('ghcr', () => {
  test.each([
    ['an address', { ...tagged({ package_url: 'ghcr.io/acme/shop:1.0' }), name: 'x', namespace: 'y' }],
    ['an address in capitals', tagged({ package_url: 'ghcr.io/ACME/Shop:1.0' })],
    ['a namespace', { ...tagged(), name: 'shop', namespace: 'acme' }],
    ['an owner', { ...tagged(), name: 'shop', owner: { login: 'acme' } }],
    [
      'an owner, and an address without a host',
      { ...tagged({ package_url: ':1.0' }), name: 'shop', namespace: 'acme' },
    ],
  ])('the image is told by %s', (_what, pack) => {
    expect(parse(pack)).toEqual(['ghcr.io/acme/shop:1.0']);
  });

  test.each([
    ['no name', tagged()],
    ['no owner', { ...tagged(), name: 'shop' }],
    ['no version', { name: 'shop', namespace: 'acme', package_type: 'container' }],
  ])('%s is an event of GitHub that tells of no image', (_what, pack) => {
    expect(parse(pack)).toEqual([]);
  });

  test('?registry= is the host of a GitHub Enterprise Server, where there is no address', () => {
    const pack = { ...tagged(), name: 'shop', namespace: 'acme' };
    const addressed = { ...tagged({ package_url: 'ghcr.io/acme/shop:1.0' }) };

    expect(parse(pack, 'containers.git.example.com')).toEqual(['containers.git.example.com/acme/shop:1.0']);
    expect(parse(addressed, 'containers.git.example.com')).toEqual(['ghcr.io/acme/shop:1.0']);
  });

  test('the tag is taken from the address when it is not told', () => {
    const version = { package_url: 'ghcr.io/acme/shop:1.0', container_metadata: {} };

    expect(parse({ package_type: 'container', package_version: version })).toEqual(['ghcr.io/acme/shop:1.0']);
  });

  test.each([
    ['in the metadata', tagged({ container_metadata: { tag: { name: '1.0', digest } } })],
    ['as the version', tagged({ version: digest })],
    ['as the name', tagged({ version: '1.0', name: digest })],
  ])('the digest is found %s', (_where, pack) => {
    expect(parse({ ...pack, name: 'shop', namespace: 'acme' })).toEqual([`ghcr.io/acme/shop:1.0 ${digest}`]);
  });

  test.each([
    [{ package_type: 'docker', namespace: 'acme' }, 'docker.pkg.github.com/acme/shop:1.0'],
    [{ ecosystem: 'docker', owner: { login: 'acme' } }, 'docker.pkg.github.com/acme/shop:1.0'],
  ])('the Docker registry before ghcr.io: %j', (pack, image) => {
    expect(parse({ ...pack, name: 'shop', package_version: { version: '1.0' } })).toEqual([image]);
  });

  test.each(['npm', 'maven', 'nuget', undefined])('a package of the type %s is none', (type) => {
    const pack = { name: 'shop', namespace: 'acme', package_version: { version: '1.0' } };

    expect(parse({ ...pack, package_type: type })).toEqual([]);
  });

  test.each([
    [{ config: { media_type: 'application/vnd.cncf.helm.config.v1+json' } }, []],
    [{ media_type: 'application/vnd.cncf.oras.artifact.manifest.v1+json' }, []],
    [
      { config: { media_type: '' }, media_type: 'application/vnd.oci.image.index.v1+json' },
      ['ghcr.io/a/b:1.0'],
    ],
    ['', ['ghcr.io/a/b:1.0']],
  ])('a manifest %j gives %j', (manifest, images) => {
    const version = {
      package_url: 'ghcr.io/a/b:1.0',
      container_metadata: { tag: { name: '1.0' }, manifest },
    };

    expect(parse({ package_version: version })).toEqual(images);
  });

  test.each(['x-gitea-event', 'x-forgejo-event', 'x-gogs-event'])(
    'a delivery with %s is not GitHub’s',
    (header) => {
      const body = { action: 'created', package: { type: 'container' } };

      expect(ghcr.recognises(aRequest(body, { ...fromGithub, [header]: 'package' }))).toBe(false);
      expect(ghcr.recognises(aRequest(body))).toBe(true);
    },
  );

  test('without GitHub’s header the body must show that it is its', () => {
    expect(() => ghcr.parse(aRequest({ ref: 'refs/heads/main' }, {}))).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: 'ghcr: the body must have one of: package, registry_package, package_v2',
      }),
    );
    expect(() => ghcr.parse(aRequest([]))).toThrow(expect.objectContaining({ code: 'bad-request' }));
    expect(ghcr.parse(aRequest({ zen: 'Design for failure.', hook_id: 1 }, {}))).toEqual([]);
  });

  test('proves itself with SHA-256, and not with SHA-1, which GitHub sends too', () => {
    const secret = "It's a Secret to Everybody";
    const request = aRequest({ action: 'published' });
    const [sha256, sha1] = ['sha256', 'sha1'].map((algorithm) =>
      createHmac(algorithm, secret).update(request.raw).digest('hex'),
    );
    const proves = (headers: WebhookRequest['headers']): boolean =>
      (ghcr.proofs ?? []).some((proof) => proof({ ...request, headers }, secret));

    expect(proves({ 'x-hub-signature-256': `sha256=${sha256 ?? ''}` })).toBe(true);
    expect(proves({ 'x-hub-signature': `sha1=${sha1 ?? ''}` })).toBe(false);
  });

  test('takes a body of several megabytes', () => {
    expect(ghcr.maxBodyBytes).toBeGreaterThan(2 ** 21);
  });
});
