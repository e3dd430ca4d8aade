import { describe, expect, test } from '@jest/globals';
import { ecrPushes, isEcrEvent } from '../../src/core/ecr-event.ts';

const digest = `sha256:${'a1'.repeat(32)}`;
const account = '123456789012';
const host = `${account}.dkr.ecr.eu-central-1.amazonaws.com`;

function action(detail: object = {}, event: object = {}): unknown {
  return {
    ...{ source: 'aws.ecr', 'detail-type': 'ECR Image Action', account, region: 'eu-central-1' },
    detail: {
      ...{ 'action-type': 'PUSH', result: 'SUCCESS', 'repository-name': 'acme/shop', 'image-tag': '1' },
      ...detail,
    },
    ...event,
  };
}

function transformed(data: object, event: object = {}): unknown {
  return { specversion: '1.0', type: 'com.amazon.ecr.image.push', source: 'acme', data, ...event };
}

function images(event: unknown, registryHost?: string): readonly string[] {
  return ecrPushes('ecr', event, registryHost).map((push) =>
    `${push.repository}:${push.tag} ${push.digest ?? ''}`.trimEnd(),
  );
}

test.each([
  [action(), true],
  [{ source: 'aws.ecr' }, true],
  [transformed({}), true],
  [{ source: 'aws.ec2' }, false],
  [{ type: 'com.amazon.ecr.image.push' }, false],
  [{ type: 'com.example.push', specversion: '1.0' }, false],
  [[action()], false],
  [null, false],
])('isEcrEvent(%j) is %j', (event, expected) => {
  expect(isEcrEvent(event)).toBe(expected);
});

describe('ecrPushes', () => {
  test.each([
    ['eu-central-1', 'amazonaws.com'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-north-1', 'amazonaws.com.cn'],
    ['eusc-de-east-1', 'amazonaws.eu'],
    ['us-iso-east-1', 'c2s.ic.gov'],
    ['us-isob-east-1', 'sc2s.sgov.gov'],
  ])('the registry of %s is at %s', (region, suffix) => {
    expect(images(action({}, { region }))).toEqual([`${account}.dkr.ecr.${region}.${suffix}/acme/shop:1`]);
  });

  test('a digest is told', () => {
    expect(images(action({ 'image-digest': digest }))).toEqual([`${host}/acme/shop:1 ${digest}`]);
  });

  test.each([
    ['another event', action({}, { 'detail-type': 'ECR Image Scan' })],
    ['another action', action({ 'action-type': 'DELETE' })],
    ['a failure', action({ result: 'FAILURE' })],
    ['no tag', action({ 'image-tag': undefined })],
    ['an empty tag', action({ 'image-tag': '' })],
    ['an SBOM', action({ 'artifact-media-type': 'text/sbom+json' })],
    ['an artifact', action({ 'manifest-media-type': 'application/vnd.cncf.oras.artifact.manifest.v1+json' })],
    ['a transformed deletion', transformed({ imageTag: '1' }, { type: 'com.amazon.ecr.image.delete' })],
    ['a transformed push without a tag', transformed({ repositoryName: 'acme/shop' })],
  ])('%s is no push', (_what, event) => {
    expect(images(event)).toEqual([]);
  });

  test.each([
    ['no account', action({}, { account: undefined }), 'account'],
    ['an account that is another host', action({}, { account: 'evil.example/1' }), 'account'],
    ['a region that is another host', action({}, { region: 'x.evil.example' }), 'region'],
    ['no repository', action({ 'repository-name': '' }), 'detail.repository-name'],
    ['a repository that is none', action({ 'repository-name': '../x' }), 'detail.repository-name'],
    ['no data', transformed({}, { data: null }), 'data'],
    ['a transformed tag that is no text', transformed({ imageTag: 1 }), 'data.imageTag'],
  ])('%s is refused, by field', (_what, event, field) => {
    expect(() => images(event)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringContaining(`ecr: ${field}`) as unknown,
      }),
    );
  });

  const urn = `urn:aws:ecr:eu-central-1:${account}:repository/acme/shop`;

  test.each([
    [
      'data',
      transformed({ repositoryName: 'acme/shop', imageTag: '1', registryId: account }, { source: urn }),
    ],
    ['subject', transformed({}, { source: urn, subject: 'acme/shop:1' })],
    ['source', transformed({ imageTag: '1' }, { source: urn })],
    ['an ARN', transformed({ imageTag: '1' }, { source: urn.replace('urn', 'arn') })],
    [
      'data before the subject',
      transformed({ repositoryName: 'acme/shop', imageTag: '1' }, { source: urn, subject: 'other:2' }),
    ],
  ])('a CloudEvent tells by %s', (_where, event) => {
    expect(images(event, 'evil.example.com')).toEqual([`${host}/acme/shop:1`]);
  });

  test('a CloudEvent that names no region is at ?registry=', () => {
    const event = transformed({ imageTag: '1', repositoryName: 'acme/shop', imageDigest: digest });

    expect(images(event, host)).toEqual([`${host}/acme/shop:1 ${digest}`]);
    expect(() => images(event)).toThrow(/^ecr: .*add \?registry=HOST/);
  });
});
