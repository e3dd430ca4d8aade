import { describe, expect, test } from '@jest/globals';
import { zot } from '../../src/registries/zot.ts';

const manifest = 'application/vnd.oci.image.manifest.v1+json';
const image = {
  name: 'acme/shop',
  reference: '1.1.0',
  digest: `sha256:${'a'.repeat(64)}`,
  mediaType: manifest,
};

function parse(data: unknown, registryHost: string | undefined = 'zot.example.com'): readonly string[] {
  const headers = { 'ce-type': 'zotregistry.image.updated' };
  const pushes = zot.parse({ headers, body: data, raw: Buffer.of(), registryHost });
  return pushes.map(({ repository, tag, digest }) => `${repository}:${tag}@${digest ?? ''}`);
}

const push = [`zot.example.com/acme/shop:1.1.0@${image.digest}`];

describe('zot', () => {
  test.each([
    ['an image', {}, push],
    ['an image without its manifest', { manifest: undefined }, push],
    ['an image whose manifest cannot be read', { manifest: '{' }, push],
    ['no media type', { mediaType: undefined }, push],
    ['null where there is nothing', { mediaType: null, manifest: null }, push],
    ['a layer', { mediaType: 'application/octet-stream' }, []],
    ['a chart', { manifest: '{"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json"}}' }, []],
    ['what refers to an image', { manifest: '{"subject":{"digest":"sha256:00"}}' }, []],
    ['a reference that is the digest', { reference: image.digest }, []],
    ['a reference that is a short digest', { reference: 'sha256:abc', digest: 'sha256:abc' }, []],
    ['a signature', { reference: `sha256-${'a'.repeat(64)}.sig` }, []],
  ])('%s', (_name, change, expected) => {
    expect(parse({ ...image, ...change })).toEqual(expected);
  });

  test('a digest is told as it came, also a short one', () => {
    expect(parse({ ...image, digest: 'sha256:deadbeef' })).toEqual([
      'zot.example.com/acme/shop:1.1.0@sha256:deadbeef',
    ]);
    expect(parse({ ...image, digest: 'none' })).toEqual(['zot.example.com/acme/shop:1.1.0@']);
  });

  test.each([
    ['data that is no object', [1], /^zot: data: /],
    ['no name', { ...image, name: undefined }, /^zot: data\.name: /],
    ['a name that is none', { ...image, name: '../x' }, /^zot: data\.name must name a repository/],
    ['a reference that is no text', { ...image, reference: 3.1 }, /^zot: data\.reference: /],
  ])('%s is refused, by place', (_name, data, message) => {
    expect(() => parse(data)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) as unknown }),
    );
  });

  test('an event of another kind is none of its pushes', () => {
    const headers = { 'ce-type': 'com.example.other' };

    expect(zot.parse({ headers, body: image, raw: Buffer.of(), registryHost: undefined })).toEqual([]);
  });

  test('its operator may give types and source of their own', () => {
    const event = { specversion: '1.0', type: 'com.example.registry.image.updated', data: image };
    const from = (source: string, registryHost?: string): object => {
      const request = { headers: {}, body: { ...event, source }, raw: Buffer.of(), registryHost };
      expect(zot.recognises(request)).toBe(true);
      return zot.parse(request);
    };
    const at = (host: string): object => [
      { repository: `${host}/acme/shop`, tag: '1.1.0', digest: image.digest },
    ];

    expect(from('https://zot.example.com:5000')).toEqual(at('zot.example.com:5000'));
    expect(from('https://zot.internal.example', 'zot.example.com')).toEqual(at('zot.example.com'));
    expect(() => from('zotregistry.dev')).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  test('takes no other event of an image for its own', () => {
    const body = {
      specversion: '1.0',
      type: 'com.example.image.updated',
      data: { repository: 'a', tag: '1' },
    };

    expect(zot.recognises({ headers: {}, body, raw: Buffer.of(), registryHost: undefined })).toBe(false);
  });

  test('takes 4 MiB, for the manifest is in the event', () => {
    expect(zot.maxBodyBytes).toBe(4 * 1024 * 1024);
  });
});
