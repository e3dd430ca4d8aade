import { describe, expect, test } from '@jest/globals';
import { tcr } from '../../src/registries/tcr.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function requestOf(resource: object, registryHost?: string): Parameters<typeof tcr.parse>[0] {
  const repository = { repo_full_name: 'acme/shop' };
  const body = { type: 'pushImage', event_data: { resources: [resource], repository } };
  return { headers: {}, body, raw: Buffer.of(), registryHost };
}

describe('tcr', () => {
  test.each([
    ['acme.tencentcloudcr.com/acme/shop:1.1.0', undefined, 'acme.tencentcloudcr.com/acme/shop'],
    ['https://acme.tencentcloudcr.com/acme/shop:1.1.0', undefined, 'acme.tencentcloudcr.com/acme/shop'],
    ['acme.tencentcloudcr.com/acme/shop:1.1.0', 'evil.example.com', 'acme.tencentcloudcr.com/acme/shop'],
    ['registry.acme.example/acme/till:1.1.0', undefined, 'registry.acme.example/acme/till'],
    ['acme/shop:1.1.0', 'acme.tencentcloudcr.com', 'acme.tencentcloudcr.com/acme/shop'],
    ['', 'acme.tencentcloudcr.com', 'acme.tencentcloudcr.com/acme/shop'],
  ])('resource_url %j with ?registry=%s is in %s', (url, host, repository) => {
    expect(tcr.parse(requestOf({ tag: '1.1.0', digest, resource_url: url }, host))).toEqual([
      { repository, tag: '1.1.0', digest },
    ]);
  });

  test('is known by the host of its instances: a Harbor 1.x that sends the same is not it', () => {
    const at = (host: string): boolean =>
      tcr.recognises(requestOf({ tag: '1', resource_url: `${host}/acme/shop:1` }));

    expect(['acme.tencentcloudcr.com', 'harbor.example.com', 'tencentcloudcr.com.example'].map(at)).toEqual([
      ...[true, false, false],
    ]);
  });

  test('a manifest without a tag is no push, even where its digest stands for one', () => {
    expect(tcr.parse(requestOf({ tag: digest, digest }, 'acme.tencentcloudcr.com'))).toEqual([]);
  });
});
