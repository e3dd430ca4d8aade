import { describe, expect, test } from '@jest/globals';
import { ocir } from '../../src/registries/ocir.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function parse(data: unknown): readonly string[] {
  const body = { eventType: 'com.oraclecloud.artifacts.uploaddockerimage', data };
  const pushes = ocir.parse({ headers: {}, body, raw: Buffer.of(), registryHost: 'fra.ocir.io' });
  return pushes.map((push) => `${push.repository}:${push.tag}@${push.digest ?? ''}`);
}

function handshake(headers: Readonly<Record<string, string>>, body: unknown = {}): unknown {
  return ocir.handshake?.({ headers, body, raw: Buffer.of(), registryHost: undefined });
}

const confirm =
  'https://cell1.notification.us-phoenix-1.oraclecloud.com/20181201/subscriptions/x/confirmation?token=t';
const type = { 'x-oci-ns-messagetype': 'SubscriptionConfirmation' };

describe('ocir', () => {
  test.each([
    ['team/api:1.1.0', { path: 'acme/team/api' }, ['fra.ocir.io/acme/team/api:1.1.0@']],
    ['team/api:1.1.0', { path: 'acme/team/api', digest }, [`fra.ocir.io/acme/team/api:1.1.0@${digest}`]],
    [`team/api:1.1.0@${digest}`, { path: 'acme/team/api' }, [`fra.ocir.io/acme/team/api:1.1.0@${digest}`]],
    ['team/api:1.1.0', { path: 'acme/team/api:1.1.0' }, ['fra.ocir.io/acme/team/api:1.1.0@']],
    ['team/api', { path: 'acme/team/api' }, []],
  ])('%s at %j', (resourceName, additionalDetails, expected) => {
    expect(parse({ resourceName, additionalDetails })).toEqual(expected);
  });

  test.each([
    [{ resourceName: 'team/api:1' }, /^ocir: data\.additionalDetails: /],
    [{ additionalDetails: { path: 'a/b' } }, /^ocir: data\.resourceName: /],
  ])('%j is refused, by place', (data, message) => {
    expect(() => parse(data)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) as unknown }),
    );
  });

  test('a new subscription is confirmed by fetching its address, from the header or from the body', () => {
    const expected = { kind: 'confirm', url: confirm };

    expect(handshake({ ...type, 'x-oci-ns-confirmationurl': confirm })).toEqual(expected);
    expect(handshake(type, { ConfirmationURL: confirm })).toEqual(expected);
  });

  test.each([
    ['another host', confirm.replace('oraclecloud.com', 'oraclecloud.com.evil.example')],
    ['another service', confirm.replace('notification', 'objectstorage')],
    ['http', confirm.replace('https', 'http')],
    ['a port', confirm.replace('.com/', '.com:8443/')],
    ['a user', confirm.replace('https://', 'https://user@')],
    ['no address', 'confirm me'],
    ['nothing', ''],
  ])('an address with %s is not fetched', (_name, url) => {
    expect(handshake({ ...type, 'x-oci-ns-confirmationurl': url })).toBeUndefined();
  });

  test('an ordinary message is no handshake', () => {
    expect(handshake({ 'x-oci-ns-messagetype': 'Notification' })).toBeUndefined();
    expect(handshake({}, { ConfirmationURL: confirm })).toBeUndefined();
  });
});
