import { describe, expect, test } from '@jest/globals';
import { cloudevents } from '../../src/registries/cloudevents.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function parse(event: object, registryHost?: string): readonly string[] {
  const body = { specversion: '1.0', id: '1', source: '/ci', type: 'image.push', ...event };
  const pushes = cloudevents.parse({ headers: {}, body, raw: Buffer.of(), registryHost });
  return pushes.map((push) => `${push.repository}:${push.tag}@${push.digest ?? ''}`);
}

const data = { repository: 'quay.io/acme/shop', tag: '1.1.0' };

describe('cloudevents', () => {
  test.each([
    ['com.example.container.push', true],
    ['com.example.image.published', true],
    ['io.example.artifact.uploaded', true],
    ['com.amazon.ecr.image.push', true],
    ['com.example.design.image.updated', true],
    ['com.example.image.deleted', false],
    ['com.example.ImagePulled', false],
    ['com.example.ImagePushed', true],
    ['com.example.imageDeleted', false],
    ['com.example.image.pulled', false],
    ['com.example.image.scan.completed', false],
    ['com.example.image.signed', false],
    ['com.example.container.push_failed', false],
    ['com.example.database.updated', false],
    ['', false],
  ])('the type %s tells of a push: %s', (type, isPush) => {
    expect(parse({ type, data })).toEqual(isPush ? ['quay.io/acme/shop:1.1.0@'] : []);
  });

  test.each([
    [
      { registryUrl: 'https://quay.io/v2/', registry: 'evil.example.com' },
      'https://ghcr.io',
      undefined,
      'quay.io',
    ],
    [{ registry: 'quay.io:8443' }, 'https://ghcr.io', 'evil.example.com', 'quay.io:8443'],
    [{}, 'https://ci.example.com/job/7', 'quay.io', 'quay.io'],
    [{}, 'https://ghcr.io/acme/shop', undefined, 'ghcr.io'],
    [{}, 'ghcr.io/acme/shop', undefined, 'ghcr.io'],
    [
      {},
      'arn:aws:ecr:eu-west-1:123456789012:repository/a',
      undefined,
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    ],
    [
      { registryId: '210987654321' },
      'urn:aws:ecr:eu-west-1::repository/a',
      undefined,
      '210987654321.dkr.ecr.eu-west-1.amazonaws.com',
    ],
  ])('the host of %j from %s with ?registry=%s is %s', (more, source, host, expected) => {
    const event = { source, data: { repository: 'acme/shop', tag: '1.1.0', ...more } };

    expect(parse(event, host)).toEqual([`${expected}/acme/shop:1.1.0@`]);
  });

  test.each([
    [
      { repositoryName: 'quay.io/a/b', repository: 'quay.io/c/d', imageTag: '1', tag: '2' },
      'quay.io/c/d:9',
      'quay.io/a/b:1@',
    ],
    [{ repository: `quay.io/a/b:1@${digest}` }, '', `quay.io/a/b:1@${digest}`],
    [{ tag: '2', imageDigest: digest }, 'quay.io/a/b:1', `quay.io/a/b:2@${digest}`],
    [undefined, `quay.io/a/b:1@${digest}`, `quay.io/a/b:1@${digest}`],
    [null, 'quay.io/a/b:1', 'quay.io/a/b:1@'],
  ])('data %j and subject %j make %s', (given, subject, expected) => {
    expect(parse({ data: given, subject })).toEqual([expected]);
  });

  test.each([
    ['no tag', { data: { repository: 'quay.io/a/b', digest } }],
    ['no image', { data: { tag: '1' } }],
    ['a subject with more colons than an image has', { subject: 'acs.cr:cn-hangzhou:1234:215672' }],
    ['a signature', { data: { repository: 'quay.io/a/b', tag: `sha256-${'a'.repeat(64)}.sig` } }],
    ['no version of CloudEvents', { specversion: undefined, data }],
  ])('%s is no push', (_name, event) => {
    expect(parse(event)).toEqual([]);
  });

  test.each([
    [{ data: 'quay.io/a/b:1' }, /^cloudevents: data must be an object/],
    [{ data: { repository: 'a/b', tag: '1' } }, /^cloudevents: .*add \?registry=HOST/],
    [
      { data: { repository: 'quay.io/../b', tag: '1' } },
      /^cloudevents: data\.repository must name a repository/,
    ],
  ])('%j is refused, by place', (event, message) => {
    expect(() => parse(event)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) as unknown }),
    );
  });

  test('an empty batch is valid and has nothing in it', () => {
    expect(cloudevents.parse({ headers: {}, body: [], raw: Buffer.of(), registryHost: undefined })).toEqual(
      [],
    );
  });

  test.each([
    'harbor.artifact.pushed',
    'zotregistry.image.updated',
    'Microsoft.ContainerRegistry.ImagePushed',
    'dev.cdevents.artifact.published.0.3.0',
    'cr:Artifact:PushCompleted',
  ])('leaves %s to its own dialect', (type) => {
    const body = { specversion: '1.0', type, data };

    expect(cloudevents.recognises({ headers: {}, body, raw: Buffer.of(), registryHost: undefined })).toBe(
      false,
    );
  });
});
