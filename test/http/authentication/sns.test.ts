import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../../src/core/errors.ts';
import type { Registry } from '../../../src/core/registry.ts';
import { createSnsCertificates } from '../../../src/http/authentication/sns-certificates.ts';
import { snsWay } from '../../../src/http/authentication/sns.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { startApp, type AppChanges, type StartedApp } from '../../support/http-app.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { privateKey: foreignKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
const now = new Date('2026-01-01T12:00:00Z');
const topic = 'arn:aws:sns:eu-central-1:123456789012:images';
const certificate = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab12.pem';
const subscribe = 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc';

type Envelope = Readonly<Record<string, string>>;
const notification: Envelope = {
  Type: 'Notification',
  MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b',
  TopicArn: topic,
  Subject: 'an image',
  Message: '{"detail-type":"ECR Image Action"}\nsecond line, ü',
  Timestamp: '2026-01-01T11:59:58.123Z',
  SignatureVersion: '1',
  SigningCertURL: certificate,
  UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe',
};
const without = (envelope: Envelope, name: string): Envelope =>
  Object.fromEntries(Object.entries(envelope).filter(([key]) => key !== name));
const withoutSubject = without(notification, 'Subject');
const confirmation: Envelope = {
  ...withoutSubject,
  Type: 'SubscriptionConfirmation',
  Message: 'You have chosen to subscribe',
  SubscribeURL: subscribe,
  Token: '2336412f37fb',
};

/** Signs as the page of AWS says; written out here a second time, so that a mistake shows. */
function signed(envelope: Envelope, key: KeyObject = privateKey): Envelope {
  const names =
    envelope.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names
    .flatMap((name) => (name in envelope ? [`${name}\n${envelope[name] ?? ''}\n`] : []))
    .join('');
  const digest = envelope.SignatureVersion === '2' ? 'RSA-SHA256' : 'RSA-SHA1';
  return { ...envelope, Signature: createSign(digest).update(text).sign(key, 'base64') };
}

const dialect = (name: string): Registry => ({
  ...{ name, spec: '', recognises: () => false, parse: () => [] },
  handshake: ({ body }) => {
    const { Type, SubscribeURL = '' } = body as Envelope;
    return Type === 'SubscriptionConfirmation' ? { kind: 'confirm', url: SubscribeURL } : undefined;
  },
});

interface Sns {
  readonly app: StartedApp;
  readonly clock: FakeClock;
  /** Certificates that were fetched. */
  readonly fetched: readonly string[];
  /** Subscriptions that were confirmed. */
  readonly confirmed: readonly string[];
}
let running: StartedApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function start(
  changes: AppChanges['webhook'] = {},
  get: () => Promise<string> = () => Promise.resolve(pem),
): Promise<Sns> {
  const clock = createFakeClock(now);
  const [fetched, confirmed]: string[][] = [[], []];
  const certificates = createSnsCertificates({
    clock,
    get: (url) => {
      fetched?.push(url);
      return get();
    },
  });
  const app = await startApp({
    webhook: {
      registries: [dialect('sns'), dialect('ecr'), dialect('other')],
      ways: [snsWay({ topics: ['arn:aws:sns:us-east-1:123456789012:more', topic], certificates, clock })],
      confirm: (url) => {
        confirmed?.push(url);
        return Promise.resolve();
      },
      ...changes,
    },
  });
  running = app;
  return { app, clock, fetched: fetched ?? [], confirmed: confirmed ?? [] };
}

describe('a message that SNS has signed', () => {
  test.each([
    ['version 1', signed(notification)],
    ['version 2', signed({ ...notification, SignatureVersion: '2' })],
    ['without a subject', signed(withoutSubject)],
    [
      'of China',
      signed({ ...notification, SigningCertURL: 'https://sns.cn-north-1.amazonaws.com.cn/x.pem' }),
    ],
    ['almost an hour old', signed({ ...notification, Timestamp: '2026-01-01T11:00:00.000Z' })],
    ['from a clock that is fast', signed({ ...notification, Timestamp: '2026-01-01T13:00:00.000Z' })],
    ['to say goodbye', signed({ ...confirmation, Type: 'UnsubscribeConfirmation' })],
  ])('is let in: %s', async (_which, envelope) => {
    const { app } = await start();

    for (const source of ['sns', 'ecr'])
      expect((await app.post(`/webhook/${source}`, envelope, { 'content-type': 'text/plain' })).status).toBe(
        200,
      );
    expect(app.received).toHaveLength(2);
  });

  const good = signed(notification);
  const unsigned = without(good, 'Signature');
  test.each<readonly [string, unknown]>([
    ['another message', { ...good, Message: 'other' }],
    ['another id', { ...good, MessageId: '1' }],
    ['another subject', { ...good, Subject: 'other' }],
    ['no subject any more', without(good, 'Subject')],
    ['another time', { ...good, Timestamp: '2026-01-01T11:59:59.123Z' }],
    ['another version', { ...good, SignatureVersion: '2' }],
    ['a version that is none', { ...good, SignatureVersion: '3' }],
    ['another type', { ...good, Type: 'SubscriptionConfirmation', SubscribeURL: subscribe, Token: 'x' }],
    ['a foreign key', signed(notification, foreignKey)],
    ['no signature', unsigned],
    ['an empty signature', { ...good, Signature: '' }],
    ['a foreign topic, rightly signed', signed({ ...notification, TopicArn: `${topic}2` })],
    ['over an hour old', signed({ ...notification, Timestamp: '2026-01-01T10:59:59.999Z' })],
    ['over an hour ahead', signed({ ...notification, Timestamp: '2026-01-01T13:00:00.001Z' })],
    ['no time', signed({ ...notification, Timestamp: 'now' })],
    ['an array', [good]],
    ['null', null],
  ])('is 401: %s', async (_which, body) => {
    const { app } = await start();

    for (const source of ['sns', 'ecr'])
      expect((await app.post(`/webhook/${source}`, JSON.stringify(body))).status).toBe(401);
    expect(app.received).toHaveLength(0);
  });

  test.each([
    'http://sns.eu-central-1.amazonaws.com/x.pem',
    'https://sns.eu-central-1.amazonaws.com.evil.example/x.pem',
    'https://evil.example/sns.eu-central-1.amazonaws.com/x.pem',
    'https://sns.eu-central-1.amazonaws.com:8443/x.pem',
    'https://sns.eu-central-1.amazonaws.com@evil.example/x.pem',
    'https://user@sns.eu-central-1.amazonaws.com/x.pem',
    'https://sns.eu.central.amazonaws.com/x.pem',
    'https://s3.amazonaws.com/sns/x.pem',
    'https://sns.eu-central-1.amazonaws.com/x.pem?.txt#',
    'https://sns.eu-central-1.amazonaws.com/?x.pem',
    'https://169.254.169.254/x.pem',
    'file:///x.pem',
    'x.pem',
  ])('is no reason to ask %s', async (SigningCertURL) => {
    const { app, fetched } = await start();

    const response = await app.post('/webhook/sns', signed({ ...notification, SigningCertURL }));

    // A query does not make another certificate of it.
    const isFine = SigningCertURL.endsWith('?.txt#');
    expect(response.status).toBe(isFine ? 200 : 401);
    expect(fetched).toHaveLength(isFine ? 1 : 0);
  });

  test('opens no other source', async () => {
    const { app } = await start({ token: 'a-token-of-all-1' });

    expect((await app.post('/webhook/other', good)).status).toBe(401);
    expect((await app.post('/webhook/sns', good)).status).toBe(200);
  });
});

describe('certificates', () => {
  test('are fetched once, also by many at the same time', async () => {
    const { app, fetched } = await start();

    await Promise.all([1, 2, 3].map(() => app.post('/webhook/sns', signed(notification))));
    await app.post('/webhook/sns', signed(notification));

    expect(fetched).toEqual([certificate]);
  });

  test('that cannot be had are 503 with Retry-After, and asked for again', async () => {
    const answers = [Promise.reject(new AppError('timeout', 'no answer')), Promise.resolve(pem)];
    answers[0]?.catch(() => undefined);
    const { app, fetched } = await start({}, () => answers.shift() ?? Promise.reject(new Error('too often')));

    const first = await app.post('/webhook/sns', signed(notification));
    const second = await app.post('/webhook/sns', signed(notification));

    expect([first.status, first.headers.get('retry-after'), second.status]).toEqual([503, '60', 200]);
    expect(fetched).toHaveLength(2);
  });

  test('that are none let nobody in, and what is no PEM at all is not kept', async () => {
    const answers = [
      '<html>sign in first</html>',
      '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
    ];
    const { app, fetched } = await start({}, () => Promise.resolve(answers.shift() ?? pem));

    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await app.post('/webhook/sns', signed(notification))).status);

    expect(statuses).toEqual([503, 401, 401]);
    expect(fetched).toHaveLength(2);
  });

  test('are not asked for without end, nor all kept', async () => {
    const clock = createFakeClock(now);
    const asked: string[] = [];
    const get = (url: string): Promise<string> => {
      asked.push(url);
      return Promise.resolve(`-----BEGIN ${url}`);
    };
    const certificates = createSnsCertificates({ clock, get });
    const never = new AbortController().signal;

    for (let n = 0; n < 20; n++) await certificates(`u${n}`, never);
    await expect(certificates('u20', never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await certificates('u19', never)).toBe('-----BEGIN u19');
    await clock.advance(60_000);
    await certificates('u0', never);

    expect(asked).toHaveLength(21);
    expect(asked.at(-1)).toBe('u0');
  });
});

describe('a subscription', () => {
  const body = signed(confirmation);

  test('is confirmed when SNS has signed that it is of our topic', async () => {
    const { app, confirmed } = await start();

    const response = await app.post('/webhook/sns', body);

    expect([response.status, await response.json()]).toEqual([
      200,
      { pushes: [], decisions: [], updates: [] },
    ]);
    expect(confirmed).toEqual([subscribe]);
    expect(app.received).toHaveLength(0);
  });

  test('is confirmed for who has the secret', async () => {
    const { app, confirmed } = await start({ ways: [], token: 'the-right-token-1' });

    await app.post('/webhook/other/the-right-token-1', { ...body, Signature: 'x' });

    expect(confirmed).toEqual([subscribe]);
  });

  test('of Oracle Notifications is confirmed, too', async () => {
    const { app, confirmed } = await start({ ways: [], token: 'the-right-token-1' });
    const url = 'https://cell1.notification.eu-frankfurt-1.oci.oraclecloud.com/20181201/x/confirmation';

    await app.post('/webhook/other/the-right-token-1', { ...body, SubscribeURL: url });

    expect(confirmed).toEqual([url]);
  });

  test.each([
    ['in a dry run', '?dryRun=true&token=the-right-token-1', body, 200],
    [
      'at another address',
      '?token=the-right-token-1',
      { ...body, SubscribeURL: 'http://169.254.169.254/x' },
      200,
    ],
    ['at no address', '?token=the-right-token-1', { ...body, SubscribeURL: 'x' }, 200],
    [
      'at an address that looks like it',
      '?token=the-right-token-1',
      { ...body, SubscribeURL: 'https://notification.x.oraclecloud.com.evil.example/' },
      200,
    ],
    ['for a stranger', '', { ...body, Token: 'y' }, 401],
  ])('is not confirmed %s', async (_how, query, envelope, status) => {
    const { app, confirmed } = await start({ token: 'the-right-token-1' });

    expect((await app.post(`/webhook/sns${query}`, envelope)).status).toBe(status);
    expect(confirmed).toEqual([]);
  });

  test('of an open source is not confirmed, and the log says why', async () => {
    const { app, confirmed } = await start({ ways: [] });

    expect((await app.post('/webhook/sns', body)).status).toBe(200);

    expect(confirmed).toEqual([]);
    expect(app.lines.join('')).toMatch(/"level":"warn".*the source is open.*subscription not confirmed/);
  });

  test('that cannot be confirmed now is 503: SNS comes again', async () => {
    const { app } = await start({
      confirm: () => Promise.reject(new AppError('not-found', 'amazon canary')),
    });

    const response = await app.post('/webhook/sns', body);

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30']);
    expect(await response.text()).not.toContain('canary');
    expect(app.lines.join('')).toContain('the subscription cannot be confirmed: amazon canary');
  });

  test('that is only to be answered is answered with what the dialect says', async () => {
    const grid: Registry = {
      ...dialect('grid'),
      handshake: () => ({ kind: 'answer', body: { validationResponse: '512d38b6' } }),
    };
    const { app } = await start({ registries: [grid], token: 'the-right-token-1' });

    const answers = [
      await app.post('/webhook/grid?token=the-right-token-1', []),
      await app.post('/webhook/grid', []),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
    expect(await answers[0]?.json()).toEqual({ validationResponse: '512d38b6' });
  });
});
