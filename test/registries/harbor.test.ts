import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../src/core/registry.ts';
import { harbor } from '../../src/registries/harbor.ts';

function aRequest(body: unknown, registryHost?: string): WebhookRequest {
  return { headers: {}, body, raw: Buffer.of(), registryHost };
}

function parse(resource: object, repository: unknown = {}, registryHost?: string): readonly string[] {
  const body = { type: 'PUSH_ARTIFACT', event_data: { resources: [resource], repository } };
  return harbor
    .parse(aRequest(body, registryHost))
    .map((push) => `${push.repository}:${push.tag} ${push.digest ?? ''}`.trimEnd());
}

describe('harbor', () => {
  test.each([
    'harbor.example.com/acme/shop:1',
    'https://harbor.example.com/acme/shop:1',
    'http://harbor.example.com/acme/shop:1',
    'harbor.example.com/acme/shop',
  ])('%s names the image', (url) => {
    expect(parse({ tag: '1', resource_url: url })).toEqual(['harbor.example.com/acme/shop:1']);
  });

  test.each([
    ['10.0.0.1:8443/acme/shop:1', '10.0.0.1:8443/acme/shop:1'],
    ['localhost/acme/shop:1', 'localhost/acme/shop:1'],
    ['harbor.example.com/acme/team/shop:1', 'harbor.example.com/acme/team/shop:1'],
  ])('%s is %s', (url, image) => {
    expect(parse({ resource_url: url })).toEqual([image]);
  });

  test.each([
    [{ repo_full_name: 'acme/shop', name: 'x', namespace: 'y' }],
    [{ name: 'shop', namespace: 'acme' }],
    [{ name: 'acme/shop', namespace: null }],
  ])('without an address the repository is %j, at ?registry=', (repository) => {
    expect(parse({ tag: '1' }, repository, 'harbor.example.com')).toEqual(['harbor.example.com/acme/shop:1']);
    expect(() => parse({ tag: '1' }, repository)).toThrow(/^harbor: .*add \?registry=HOST/);
  });

  test('?registry= never replaces the host that the payload names', () => {
    expect(parse({ tag: '1', resource_url: 'harbor.example.com/a/b:1' }, {}, 'evil.example.com')).toEqual([
      'harbor.example.com/a/b:1',
    ]);
  });

  test('the tag of the resource counts before that of the address', () => {
    expect(parse({ tag: '2', resource_url: 'harbor.example.com/a/b:1' })).toEqual([
      'harbor.example.com/a/b:2',
    ]);
  });

  test('a digest is taken from the address when it is not told', () => {
    expect(parse({ tag: '1', resource_url: 'harbor.example.com/a/b:1@sha256:abc' })).toEqual([
      'harbor.example.com/a/b:1 sha256:abc',
    ]);
  });

  test('a tag that is the digest is no push, however short that is', () => {
    const resource = {
      tag: 'sha256:abc',
      digest: 'sha256:abc',
      resource_url: 'harbor.example.com/a/b@sha256:abc',
    };

    expect(parse(resource)).toEqual([]);
  });

  test('an event that names no repository at all is none of an image', () => {
    expect(parse({ tag: '1' }, null)).toEqual([]);
  });

  test('an address that names no repository is refused, by its place', () => {
    expect(() => parse({ resource_url: 'harbor.example.com/a/../b:1' })).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringMatching(
          /^harbor: event_data\.resources\.0\.resource_url must name/,
        ) as unknown,
      }),
    );
  });

  test('a CloudEvent is refused by its own places', () => {
    const body = { specversion: '1.0', type: 'harbor.artifact.pushed', data: { resources: 1 } };

    expect(() => harbor.parse(aRequest(body))).toThrow(/^harbor: data\.resources: /);
  });

  test('the configured header is the proof, word for word', () => {
    const proves = (authorization: string): boolean =>
      (harbor.proofs ?? []).some((proof) =>
        proof({ ...aRequest({}), headers: { authorization } }, 'my secret'),
      );

    expect(proves('my secret')).toBe(true);
    expect(proves('My secret')).toBe(false);
  });
});
