import { describe, expect, test } from '@jest/globals';
import { gar } from '../../src/registries/gar.ts';

function parse(body: unknown): readonly string[] {
  return gar
    .parse({ headers: {}, body, raw: Buffer.of(), registryHost: undefined })
    .map((push) => `${push.repository}:${push.tag} ${push.digest ?? ''}`.trimEnd());
}

function wrapped(notification: unknown, encoding: BufferEncoding = 'base64'): unknown {
  const data = Buffer.from(JSON.stringify(notification)).toString(encoding);
  return { message: { data, messageId: '1' }, subscription: 'projects/acme/subscriptions/images' };
}

describe('gar', () => {
  test.each([
    'europe-west3-docker.pkg.dev/acme/web/shop',
    'us-docker.pkg.dev/acme/web/team/shop',
    'gcr.io/acme/shop',
    'us.gcr.io/acme/shop',
    'gcr.io/example.com/acme/shop',
  ])('%s is one of Google’s', (repository) => {
    const notification = { action: 'INSERT', tag: `${repository}:1`, digest: `${repository}@sha256:abc` };

    expect(parse(notification)).toEqual([`${repository}:1 sha256:abc`]);
    expect(parse(wrapped(notification))).toEqual([`${repository}:1 sha256:abc`]);
    expect(parse(wrapped(notification, 'base64url'))).toEqual([`${repository}:1 sha256:abc`]);
  });

  test.each([
    'quay.io/acme/shop',
    'acme/shop',
    'docker.pkg.dev.evil.example/acme/shop',
    'evil.example/gcr.io/shop',
    'gcr.io.evil.example/acme/shop',
    'gcr.io:8443/acme/shop',
    'evilgcr.io/acme/shop',
  ])('%s is none, whoever published it', (repository) => {
    expect(parse(wrapped({ action: 'INSERT', tag: `${repository}:1` }))).toEqual([]);
  });

  test.each([
    ['no JSON', { message: { data: 'aGVsbG8=' }, subscription: 's' }],
    ['no base64', { message: { data: '%%%' }, subscription: 's' }],
    ['no data', { message: {}, subscription: 's' }],
    ['data that is no text', { message: { data: { a: 1 } }, subscription: 's' }],
    ['a list', wrapped([])],
    ['null', wrapped(null)],
    ['no subscription', { message: { data: 'e30=' } }],
    ['an id alone', { message: { messageId: '1' } }],
    ['another action', wrapped({ action: 'UPDATE', tag: 'gcr.io/acme/shop:1' })],
  ])('a message with %s is acknowledged, else it would come back for days', (_what, body) => {
    expect(parse(body)).toEqual([]);
  });

  test.each([
    ['no message', { subscription: 's' }],
    ['a message with nothing in it', { message: {} }],
    ['a message that is a text', { message: 'Mirror started', subscription: 's' }],
    ['an action alone', { action: 'INSERT' }],
    ['another action', { action: 'push', tag: 'gcr.io/acme/shop:1' }],
    ['a list', []],
  ])('%s is refused', (_what, body) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringMatching(/^gar: the body must be/) as unknown,
      }),
    );
  });
});
