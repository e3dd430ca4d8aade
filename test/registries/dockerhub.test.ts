import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../src/core/registry.ts';
import { dockerhub } from '../../src/registries/dockerhub.ts';

function aRequest(body: unknown, registryHost?: string): WebhookRequest {
  return { headers: {}, body, raw: Buffer.of(), registryHost };
}

function parse(body: unknown, registryHost?: string): readonly string[] {
  return dockerhub.parse(aRequest(body, registryHost)).map(({ repository, tag }) => `${repository}:${tag}`);
}

describe('dockerhub', () => {
  test.each([
    ['acme/shop', 'docker.io/acme/shop:1'],
    ['library/nginx', 'docker.io/library/nginx:1'],
    ['nginx', 'docker.io/library/nginx:1'],
    // A host has no place in it: this would be a path.
    ['quay.io/acme/shop', 'docker.io/quay.io/acme/shop:1'],
  ])('repo_name %s is %s', (name, image) => {
    expect(parse({ push_data: { tag: '1' }, repository: { repo_name: name } })).toEqual([image]);
  });

  test('?registry= never replaces Docker Hub', () => {
    const body = { push_data: { tag: '1' }, repository: { repo_name: 'acme/shop' } };

    expect(parse(body, 'registry.example.com')).toEqual(['docker.io/acme/shop:1']);
  });

  test.each([
    ['no push_data', { repository: { repo_name: 'acme/shop' } }, 'push_data'],
    ['no repository', { push_data: { tag: '1' } }, 'repository'],
    ['half of a name', { push_data: { tag: '1' }, repository: { name: 'shop' } }, 'repository.repo_name'],
    [
      'a name that is none',
      { push_data: { tag: '1' }, repository: { repo_name: 'a/../b' } },
      'repository.repo_name',
    ],
    [
      'a media type that is no text',
      { push_data: { media_type: 1 }, repository: { repo_name: 'a/b' } },
      'push_data',
    ],
  ])('%s is refused, by field', (_what, body, field) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringContaining(`dockerhub: ${field}`) as unknown,
      }),
    );
  });

  test.each(['application/vnd.docker.plugin.v1+json', 'application/vnd.cncf.helm.config.v1+json'])(
    '%s is no image',
    (type) => {
      expect(parse({ push_data: { tag: '1', media_type: type }, repository: { repo_name: 'a/b' } })).toEqual(
        [],
      );
    },
  );

  test('the callback address is enough to know it by; a region is Alibaba', () => {
    const body = {
      push_data: {},
      repository: {},
      callback_url: 'https://registry.hub.docker.com/u/a/b/hook/1/',
    };
    const alibaba = { ...body, repository: { region: 'cn-beijing' } };

    expect(dockerhub.recognises(aRequest(body))).toBe(true);
    expect(dockerhub.recognises(aRequest(alibaba))).toBe(false);
    expect(dockerhub.recognises(aRequest({ push_data: {}, repository: {} }))).toBe(false);
  });
});
