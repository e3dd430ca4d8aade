import { describe, expect, test } from '@jest/globals';
import { distributionPushes, isDistributionEnvelope } from '../../src/core/distribution-events.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const manifest = 'application/vnd.oci.image.manifest.v1+json';
const target = { repository: 'acme/shop', tag: '1', digest, mediaType: manifest };
const request = { host: 'registry.example.com:5000' };

function tags(event: object, registryHost?: string): readonly string[] {
  const body = { events: [{ action: 'push', target, request, ...event }] };
  return distributionPushes('distribution', { body, registryHost }).map(
    (push) => `${push.repository}:${push.tag}`,
  );
}

const expected = ['registry.example.com:5000/acme/shop:1'];

describe('the pushes of an envelope', () => {
  test.each([
    ['a manifest', { target }, expected],
    ['an index', { target: { ...target, mediaType: 'application/vnd.oci.image.index.v1+json' } }, expected],
    ['a media type that is null', { target: { ...target, mediaType: null } }, expected],
    ['no media type', { target: { ...target, mediaType: undefined } }, expected],
    ['a layer', { target: { ...target, mediaType: 'application/octet-stream' } }, []],
    ['no tag', { target: { ...target, tag: undefined } }, []],
    ['a digest as the tag', { target: { ...target, tag: digest } }, []],
    ['another action', { action: 'mount' }, []],
  ])('%s', (_name, event, pushes) => {
    expect(tags(event)).toEqual(pushes);
  });

  test.each([
    ['of an image', manifest, ['application/vnd.oci.image.config.v1+json'], expected],
    ['of a chart', manifest, ['application/vnd.cncf.helm.config.v1+json'], []],
    ['that say no type', manifest, [undefined], []],
    ['of no kind, for there are none', manifest, [], expected],
    ['of an index', 'application/vnd.oci.image.index.v1+json', [manifest], expected],
  ])('references %s', (_name, mediaType, types, pushes) => {
    const references = types.map((type) => ({ mediaType: type }));

    expect(tags({ target: { ...target, mediaType, references } })).toEqual(pushes);
  });

  test('references that are null are none', () => {
    expect(tags({ target: { ...target, references: null } })).toEqual(expected);
  });

  test('the host is the one that was pushed to; ?registry= only where that is missing or a bare name', () => {
    expect(tags({}, 'evil.example.com')).toEqual(expected);
    expect(tags({ request: { host: 'registry' } }, 'quay.example.com')).toEqual([
      'quay.example.com/acme/shop:1',
    ]);
    expect(tags({ request: undefined }, 'quay.example.com')).toEqual(['quay.example.com/acme/shop:1']);
  });

  test.each([
    ['no events', {}, /^gitlab: events: /],
    ['an event that is none', { events: [7] }, /^gitlab: events\.0: /],
    [
      'an event without a target',
      { events: [{ action: 'push' }] },
      /^gitlab: events\.0\.target: must be an object/,
    ],
    [
      'a push without a repository',
      { events: [{ action: 'push', target: { tag: '1' } }] },
      /events\.0\.target\.repository: /,
    ],
    ['a push without a host', { events: [{ action: 'push', target }] }, /add \?registry=HOST/],
  ])('%s is refused, by place', (_name, body, message) => {
    expect(() => distributionPushes('gitlab', { body, registryHost: undefined })).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) as unknown }),
    );
  });
});

test.each([
  ['its media type', { 'content-type': 'application/vnd.docker.distribution.events.v1+json' }, {}, true],
  ['its first event', { 'content-type': 'application/json' }, { events: [{ action: 'pull', target }] }, true],
  ['neither', {}, { events: [{ action: 'pull' }] }, false],
  ['neither, with events that are no list', {}, { events: { action: 'pull', target } }, false],
])('an envelope is known by %s', (_name, headers, body, is) => {
  expect(isDistributionEnvelope({ headers, body, raw: Buffer.of(), registryHost: undefined })).toBe(is);
});
