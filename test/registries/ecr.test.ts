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

  test('an event in an envelope of SNS is the same, but plain /webhook leaves it to the dialect of SNS', () => {
    const detail = {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': 'shop',
      'image-tag': '1.1.0',
    };
    const event = { source: 'aws.ecr', 'detail-type': 'ECR Image Action', region: 'eu-west-1', detail };
    const envelope = (Type: string, message: unknown) => {
      const TopicArn = 'arn:aws:sns:eu-west-1:1:images';
      return aRequest({ Type, TopicArn, Message: JSON.stringify(message) });
    };
    const carried = envelope('Notification', { ...event, account: '1' });

    expect(ecr.parse(carried)).toEqual([
      { repository: '1.dkr.ecr.eu-west-1.amazonaws.com/shop', tag: '1.1.0', digest: null },
    ]);
    expect(ecr.recognises(carried)).toBe(false);
    expect(ecr.parse(envelope('Notification', 'hello'))).toEqual([]);
    expect(ecr.parse(envelope('UnsubscribeConfirmation', {}))).toEqual([]);
  });

  test('a subscription is confirmed', () => {
    const SubscribeURL = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription';

    expect(ecr.handshake?.(aRequest({ Type: 'SubscriptionConfirmation', SubscribeURL }))).toEqual({
      kind: 'confirm',
      url: SubscribeURL,
    });
  });

  test('the API key of a connection is a proof', () => {
    const proves = (key: string): boolean =>
      (ecr.proofs ?? []).some((proof) => proof(aRequest({}, { 'x-api-key': key }), 'my secret'));

    expect(proves('my secret')).toBe(true);
    expect(proves('another')).toBe(false);
  });
});
