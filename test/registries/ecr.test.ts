import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../src/core/registry.ts';
import { ecr } from '../../src/registries/ecr.ts';

function aRequest(body: unknown, headers: WebhookRequest['headers'] = {}): WebhookRequest {
  return { headers, body, raw: Buffer.of(), registryHost: undefined };
}

describe('ecr', () => {
  test.each([
    [{ source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification' }],
    [{ source: 'aws.ecr', 'detail-type': 'ECR Image Scan' }],
    [{ source: 'acme', specversion: '1.0', type: 'com.example.event' }],
  ])('%j is an event that tells of no image', (body) => {
    expect(ecr.parse(aRequest(body))).toEqual([]);
  });

  test.each([
    [{ source: 'aws.ec2' }],
    [{ 'detail-type': 'ECR Image Action' }],
    [{ detail: {} }],
    [[]],
    ['text'],
    [null],
  ])('%j is refused', (body) => {
    expect(() => ecr.parse(aRequest(body))).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringMatching(/^ecr: source and detail-type must/) as unknown,
      }),
    );
  });

  test('an envelope of SNS is not taken here, where nobody checks its signature', () => {
    const Message = JSON.stringify({ source: 'aws.ecr', 'detail-type': 'ECR Image Action' });
    const body = { Type: 'Notification', TopicArn: 'arn:aws:sns:eu-central-1:1:images', Message };

    expect(ecr.recognises(aRequest(body))).toBe(false);
    expect(() => ecr.parse(aRequest(body))).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  test('the API key of a connection is a proof', () => {
    const proves = (key: string): boolean =>
      (ecr.proofs ?? []).some((proof) => proof(aRequest({}, { 'x-api-key': key }), 'my secret'));

    expect(proves('my secret')).toBe(true);
    expect(proves('another')).toBe(false);
  });
});
