import { describe, expect, test } from '@jest/globals';
import { ociPurl } from '../../src/core/purl.ts';
import { cdevents } from '../../src/registries/cdevents.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function parse(id: unknown, registryHost?: string, type = 'artifact.published.0.2.0'): readonly string[] {
  const body = { context: { type: `dev.cdevents.${type}` }, subject: { id } };
  const pushes = cdevents.parse({ headers: {}, body, raw: Buffer.of(), registryHost });
  return pushes.map((push) => `${push.repository}:${push.tag}@${push.digest ?? ''}`);
}

describe('cdevents', () => {
  test.each([
    ['pkg:oci/shop?repository_url=quay.io/acme/shop&tag=1', 'evil.example.com', 'quay.io/acme/shop:1@'],
    ['pkg:oci/shop?repository_url=https://quay.io/acme/shop&tag=1', undefined, 'quay.io/acme/shop:1@'],
    ['pkg:oci/Shop?repository_url=quay.io/Acme/Shop&tag=1', undefined, 'quay.io/acme/shop:1@'],
    ['pkg:oci/shop?repository_url=quay.io&tag=1', undefined, 'quay.io/shop:1@'],
    ['pkg:oci/shop?repository_url=quay.io:8443&tag=1', undefined, 'quay.io:8443/shop:1@'],
    ['pkg:oci/shop?repository_url=acme/shop&tag=1', 'quay.io', 'quay.io/acme/shop:1@'],
    ['pkg:oci/shop?tag=1', 'quay.io', 'quay.io/shop:1@'],
    ['pkg:oci/shop@234fd4?repository_url=quay.io/acme/shop&tag=1', undefined, 'quay.io/acme/shop:1@'],
  ])('%s with ?registry=%s is %s', (id, host, expected) => {
    expect(parse(id, host)).toEqual([expected]);
  });

  test("understands Updatekate's own package URLs", () => {
    const image = { repository: 'registry.example.com:5000/acme/shop', tag: '1.1.0', digest };

    expect(parse(ociPurl(image))).toEqual([`registry.example.com:5000/acme/shop:1.1.0@${digest}`]);
  });

  test.each([
    'artifact.packaged.0.2.0',
    'artifact.deleted.0.1.0',
    'service.upgraded.0.3.0',
    'artifact.publishedx.1',
  ])('%s is no push', (type) => {
    expect(parse('pkg:oci/shop?repository_url=quay.io/acme/shop&tag=1', undefined, type)).toEqual([]);
  });

  test.each([
    [undefined, /^cdevents: subject\.id: /],
    ['', /^cdevents: subject\.id: /],
    ['pkg:oci/shop?tag=1', /^cdevents: .*add \?registry=HOST/],
    [
      'pkg:oci/shop?repository_url=quay.io/..&tag=1',
      /^cdevents: the repository_url in subject\.id must name/,
    ],
  ])('the subject %j is refused, by place', (id, message) => {
    expect(() => parse(id)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) as unknown }),
    );
  });
});
