import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Registry } from '../../../src/core/registry.ts';
import { hmacProof } from '../../../src/core/webhook-proofs.ts';
import { createOidcKeys } from '../../../src/http/authentication/oidc-keys.ts';
import { oidcWay } from '../../../src/http/authentication/oidc.ts';
import { signedText, SnsEnvelope } from '../../../src/http/authentication/sns-envelope.ts';
import { snsWay } from '../../../src/http/authentication/sns.ts';
import { createHttp } from '../../../src/lib/http.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startApp, type StartedApp } from '../../support/http-app.ts';
import { anIssuerKey, aToken, startIssuer, type Issuer } from './oidc-issuer.ts';

const token = 'The-Right-Token-of-All-1';
const clock = createFakeClock(new Date('2026-01-01T12:00:00Z'));
const topic = 'arn:aws:sns:eu-central-1:123456789012:images';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const header = 'x-hub-signature-256';
const dialect: Registry = {
  ...{ name: 'sns', spec: '', recognises: () => true, parse: () => [] },
  proofs: [hmacProof({ header, algorithm: 'sha256', prefix: 'sha256=' })],
};

interface Sent {
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}
let app: StartedApp;
let issuer: Issuer;
let jwt: string;
beforeAll(async () => {
  const key = await anIssuerKey('first');
  issuer = await startIssuer(key);
  const { get } = createHttp({ clock, timeoutMs: 60_000, retries: 0, minDelayMs: 0, userAgent: 'test' });
  const keys = createOidcKeys({ issuer: issuer.url, clock, get });
  const audience = 'updatekate';
  const claims = { iss: issuer.url, aud: audience, exp: clock.now().getTime() / 1000 + 3600 };
  jwt = await aToken(claims, key);
  const certificates = () => Promise.resolve(publicKey.export({ type: 'spki', format: 'pem' }) as string);
  app = await startApp({
    webhook: {
      ...{ token, registries: [dialect], fallback: dialect },
      ways: [
        oidcWay({ issuer: issuer.url, audience, email: undefined, subject: undefined, keys, clock }),
        snsWay({ topics: [topic], certificates, clock }),
      ],
    },
  });
});
afterAll(async () => {
  await Promise.all([app.close(), issuer.close()]);
});

const send = ({ path, body, headers }: Sent): Promise<Response> => app.post(path, body, headers);

function envelope(): string {
  const unsigned = {
    ...{ Type: 'Notification', MessageId: '1', TopicArn: topic, Message: 'pushed', Subject: 'image' },
    ...{ Timestamp: '2026-01-01T12:00:00.000Z', SignatureVersion: '2', Signature: 'AA==' },
    SigningCertURL: 'https://sns.eu-central-1.amazonaws.com/x.pem',
  };
  const text = signedText(SnsEnvelope.parse(unsigned));
  return JSON.stringify({
    ...unsigned,
    Signature: createSign('RSA-SHA256').update(text).sign(privateKey, 'base64'),
  });
}

const hmacBody = '{"a":1}';
const digest = createHmac('sha256', token).update(hmacBody).digest('hex');
const requests: Readonly<Record<string, () => Sent>> = {
  'a token in the path': () => ({ path: `/webhook/sns/${token}`, body: '{}', headers: {} }),
  'a token in the query': () => ({ path: `/webhook?token=${token}`, body: '{}', headers: {} }),
  'a Bearer token': () => ({ path: '/webhook', body: '{}', headers: { authorization: `Bearer ${token}` } }),
  'an HMAC': () => ({ path: '/webhook', body: hmacBody, headers: { [header]: `sha256=${digest}` } }),
  'a JSON Web Token': () => ({ path: '/webhook', body: '{}', headers: { authorization: `Bearer ${jwt}` } }),
  'a message of SNS': () => ({ path: '/webhook/sns', body: envelope(), headers: {} }),
};

/** The secret part of each: what a change of any character in makes worthless. */
const secretParts: Readonly<Record<string, (sent: Sent) => string>> = {
  'a token in the path': () => token,
  'a token in the query': () => token,
  'a Bearer token': () => token,
  'an HMAC': () => digest,
  'a JSON Web Token': () => jwt,
  'a message of SNS': ({ body }) => JSON.stringify((JSON.parse(body) as { Message: string }).Message),
};
const rows = Object.keys(requests);

function anyChange(part: string): fc.Arbitrary<string> {
  const alphabet = 'abcXYZ019'.match(/./g) ?? [];
  const at = fc.nat(part.length - 1);
  const replaced = fc
    .tuple(at, fc.constantFrom(...alphabet))
    .map(([n, char]) => part.slice(0, n) + char + part.slice(n + 1));
  const cut = at.map((n) => part.slice(0, n));
  const longer = fc.constantFrom(...alphabet).map((char) => part + char);
  const dropped = at.map((n) => part.slice(0, n) + part.slice(n + 1));
  return fc.oneof(replaced, cut, longer, dropped).filter((text) => text !== part);
}

/** The last character of a part in base64url has bits that mean nothing: another one may stand for the same bytes. */
function meansTheSame(a: string, b: string): boolean {
  const bytes = (text: string): string =>
    text
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');
  return a.split('.').length === 3 && bytes(a) === bytes(b);
}

describe('whoever sends', () => {
  test.each(rows)('%s is let in', async (name) => {
    expect((await send(requests[name]?.() ?? { path: '', body: '', headers: {} })).status).toBe(200);
  });

  test.each(rows)('%s that was changed anywhere is not', async (name) => {
    const right = requests[name]?.();
    const part = right && secretParts[name]?.(right);
    if (!right || part === undefined) throw new Error('no such request');
    await fc.assert(
      fc.asyncProperty(anyChange(part), async (changed) => {
        fc.pre(!meansTheSame(part, changed));
        const put = (text: string): string => text.split(part).join(changed);
        const headers = Object.fromEntries(
          Object.entries(right.headers).map(([key, value]) => [key, put(value)]),
        );
        const { status } = await send({ path: put(right.path), body: put(right.body), headers });
        expect([400, 401, 404]).toContain(status);
      }),
      { numRuns: 60 },
    );
    expect(app.received.length).toBeLessThanOrEqual(rows.length);
  });

  test('an HMAC over a body of which any byte was changed is not let in', async () => {
    const right = requests['an HMAC']?.();
    if (!right) throw new Error('no such request');
    await fc.assert(
      fc.asyncProperty(anyChange(right.body), async (body) => {
        expect((await send({ ...right, body })).status).toBe(401);
      }),
      { numRuns: 60 },
    );
  });

  test('a message of SNS of which any field was changed is not let in', async () => {
    const right = JSON.parse(envelope()) as Readonly<Record<string, string>>;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(right)), fc.string(), async (name, value) => {
        fc.pre(value !== right[name] && name !== 'SigningCertURL');
        const body = JSON.stringify({ ...right, [name]: value });
        expect((await send({ path: '/webhook/sns', body, headers: {} })).status).toBe(401);
      }),
      { numRuns: 60 },
    );
  });
});
