import { describe, expect, test } from '@jest/globals';
import { aliyun } from '../../src/registries/aliyun.ts';

function parse(repository: unknown, registryHost?: string): readonly string[] {
  const body = { push_data: { tag: '1.1.0' }, repository };
  const pushes = aliyun.parse({ headers: {}, body, raw: Buffer.of(), registryHost });
  return pushes.map((push) => `${push.repository}:${push.tag}`);
}

const shop = { repo_full_name: 'acme/shop', region: 'cn-hangzhou' };
const own = 'acme-registry.cn-hangzhou.cr.aliyuncs.com';

describe('aliyun', () => {
  test.each([
    [
      'the shared registry of the region',
      shop,
      undefined,
      'registry.cn-hangzhou.aliyuncs.com/acme/shop:1.1.0',
    ],
    ['?registry=, for a region is no host', shop, own, `${own}/acme/shop:1.1.0`],
    ['?registry=, with a region that is null', { ...shop, region: null }, own, `${own}/acme/shop:1.1.0`],
    ['?registry=, without a region', { repo_full_name: 'acme/shop' }, own, `${own}/acme/shop:1.1.0`],
  ])('the host is %s', (_name, repository, host, expected) => {
    expect(parse(repository, host)).toEqual([expected]);
  });

  test.each([
    ['a region with a path', { ...shop, region: 'x/y' }, /^aliyun: repository\.region: must be a region/],
    ['no host', { repo_full_name: 'acme/shop' }, /add \?registry=HOST/],
    ['no name', { region: 'cn-hangzhou' }, /^aliyun: repository\.repo_full_name must name a repository/],
    ['no repository', undefined, /^aliyun: repository: /],
  ])('%s is refused, by place', (_name, repository, message) => {
    expect(() => parse(repository)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) as unknown }),
    );
  });

  test.each(['cr:Artifact:BuildCompleted', 'cr:Artifact:PushCompleted', 'cr:ActionTrail:ApiCall'])(
    '%s, by EventBridge, is its own and no push',
    (type) => {
      const body = { specversion: '1.0', source: 'acs.cr', type, data: { RepoName: 'shop', Tag: '1.1.0' } };
      const request = { headers: {}, body, raw: Buffer.of(), registryHost: undefined };

      expect([aliyun.recognises(request), aliyun.parse(request)]).toEqual([true, []]);
    },
  );

  test('takes no push of Docker Hub, which has the same two fields, for its own', () => {
    const body = { push_data: { tag: '1.1.0' }, repository: { repo_name: 'acme/shop', name: 'shop' } };

    expect(aliyun.recognises({ headers: {}, body, raw: Buffer.of(), registryHost: undefined })).toBe(false);
  });
});
