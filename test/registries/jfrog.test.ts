import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { jfrog } from '../../src/registries/jfrog.ts';

const data = {
  ...{ repo_key: 'docker-local', path: 'team/app/1.1.0/manifest.json', image_name: 'app', tag: '1.1.0' },
  sha256: 'c'.repeat(64),
};

function parse(changes: object, origin?: string, registryHost?: string): readonly string[] {
  const body = { domain: 'docker', event_type: 'pushed', data: { ...data, ...changes }, jpd_origin: origin };
  const pushes = jfrog.parse({ headers: {}, body, raw: Buffer.of(), registryHost });
  return pushes.map(({ repository, tag }) => `${repository}:${tag}`);
}

describe('jfrog', () => {
  test.each([
    ['https://acme.jfrog.io', undefined, 'acme.jfrog.io/docker-local/team/app:1.1.0'],
    ['https://rt.example.com:8443/artifactory', undefined, 'rt.example.com:8443/docker-local/team/app:1.1.0'],
    ['https://acme.jfrog.io', 'evil.example.com', 'acme.jfrog.io/docker-local/team/app:1.1.0'],
    ['https://acme.jfrog.io', 'Docker-Local.acme.jfrog.io', 'docker-local.acme.jfrog.io/team/app:1.1.0'],
    ['https://acme.jfrog.io', 'other.acme.jfrog.io', 'acme.jfrog.io/docker-local/team/app:1.1.0'],
    [undefined, 'rt.example.com', 'rt.example.com/docker-local/team/app:1.1.0'],
    ['artifactory', 'rt.example.com', 'rt.example.com/docker-local/team/app:1.1.0'],
  ])('jpd_origin %s with ?registry=%s is %s', (origin, host, expected) => {
    expect(parse({}, origin, host)).toEqual([expected]);
  });

  test.each([
    ['the path without tag and file', {}, 'team/app'],
    ['the name, where the path is too short', { path: 'app', image_name: 'team/other' }, 'team/other'],
    [
      'the name, where the path is null',
      { path: null, image_type: null, image_name: 'team/other' },
      'team/other',
    ],
    ['the name, where there is no path', { path: undefined, image_name: 'team/other' }, 'team/other'],
  ])('the image is %s', (_name, changes, expected) => {
    expect(parse(changes, 'https://acme.jfrog.io')).toEqual([`acme.jfrog.io/docker-local/${expected}:1.1.0`]);
  });

  test.each(['oci', 'helm', 'HelmOCI'])('image_type %s is no image', (type) => {
    expect(parse({ image_type: type }, 'https://acme.jfrog.io')).toEqual([]);
  });

  test.each([{ domain: 'docker', data }, { event_type: 'pushed', data }, [], null])(
    '%j says nothing that happened, and is refused',
    (body) => {
      expect(() => jfrog.parse({ headers: {}, body, raw: Buffer.of(), registryHost: undefined })).toThrow(
        expect.objectContaining({
          code: 'bad-request',
          message: expect.stringMatching(/^jfrog: domain and event_type /) as unknown,
        }),
      );
    },
  );

  test('is known by its header, by its event, or by the event of its plugin', () => {
    const knows = (headers: Readonly<Record<string, string>>, body: unknown): boolean =>
      jfrog.recognises({ headers, body, raw: Buffer.of(), registryHost: undefined });

    expect(knows({ 'x-jfrog-event-auth': 'x' }, {})).toBe(true);
    expect(knows({}, { domain: 'docker', event_type: 'pushed' })).toBe(true);
    expect(knows({}, { artifactory: { webhook: { event: 'docker.tagCreated' } } })).toBe(true);
    expect(knows({}, { domain: 'docker' })).toBe(false);
  });

  test.each([
    { path: '', image_name: '' },
    { path: undefined, image_name: undefined },
  ])('neither path nor name (%j) is refused, by place', (changes) => {
    expect(() => parse(changes, 'https://acme.jfrog.io')).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringMatching(/^jfrog: data\.path or data\.image_name /) as unknown,
      }),
    );
  });

  test('a checksum that is none is no digest', () => {
    const body = { domain: 'docker', event_type: 'pushed', data: { ...data, sha256: 'sample_checksum' } };

    expect(jfrog.parse({ headers: {}, body, raw: Buffer.of(), registryHost: 'rt.example.com' })).toEqual([
      { repository: 'rt.example.com/docker-local/team/app', tag: '1.1.0', digest: null },
    ]);
  });

  test('proves itself by the secret word for word, or by an HMAC of the body', () => {
    const raw = Buffer.from('{"domain":"docker"}');
    const signed = createHmac('sha256', 's3cret').update(raw).digest('hex');
    const isProven = (value: string): boolean => {
      const request = { headers: { 'x-jfrog-event-auth': value }, body: {}, raw, registryHost: undefined };
      return jfrog.proofs?.some((proves) => proves(request, 's3cret')) === true;
    };

    expect(['s3cret', signed, 's3cre', `${signed}0`, ''].map(isProven)).toEqual([
      ...[true, true, false, false, false],
    ]);
  });
});
