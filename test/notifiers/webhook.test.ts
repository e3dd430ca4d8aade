import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { secretText } from '../../src/core/secret-text.ts';
import { webhook } from '../../src/notifiers/webhook.ts';
import { aMessage, aMessageOf, sinkContract } from '../contract/sink.ts';
import { hangUp, status, type CapturedRequest } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { problemsIn, refusedWith } from '../support/sink-vendor.ts';
import { signingSecrets, startWebhookKit } from './kits/webhook.ts';

const { signal } = new AbortController();
const start = closedAfterEach(startWebhookKit);
const fixture: unknown = JSON.parse(
  readFileSync(new URL('../fixtures/notifiers/webhook.json', import.meta.url), 'utf8'),
);

sinkContract('webhook', () => startWebhookKit());

const bodyOf = (request: CapturedRequest | undefined): unknown => JSON.parse(request?.body ?? '');

describe('a POST', () => {
  test('has the body of the fixture, which is the sample of the docs, and the id of the notice', async () => {
    const { sink, requests } = await start();

    await sink.send(aMessage(), signal);

    const page = readFileSync(new URL('../../docs/notifiers/webhook.md', import.meta.url), 'utf8');
    const [, sample = ''] = /^## As a notifier$.*?```json\n(.*?)```/ms.exec(page) ?? [];
    expect(requests).toHaveLength(1);
    expect(bodyOf(requests[0])).toEqual(fixture);
    expect(JSON.parse(sample)).toEqual(fixture);
    expect(requests[0]?.headers['webhook-id']).toBe('up-1-succeeded');
  });

  test('says of a change what it is', async () => {
    const { sink, requests } = await start();

    await sink.send(aMessageOf('workload.created'), signal);
    await sink.send(aMessageOf('workload.scaled', { by: ['kubectl'] }), signal);
    await sink.send(aMessageOf('workload.failed', { message: 'pod shop-1' }), signal);

    expect(requests.map(bodyOf)).toMatchObject([
      {
        type: 'workload.created',
        images: [{ container: 'app', from: null, to: 'quay.io/acme/shop:1.1.0' }],
        scale: null,
      },
      { type: 'workload.scaled', scale: { from: 2, to: 5 }, by: ['kubectl'] },
      {
        ...{ type: 'workload.failed', severity: 'error', team: null, link: null },
        ...{ reason: 'CrashLoopBackOff', message: 'pod shop-1' },
      },
    ]);
  });

  test('has the text of the notifier', async () => {
    const { sink, requests } = await start();

    await sink.send({ ...aMessage(), text: 'shop!' }, signal);

    expect(bodyOf(requests[0])).toMatchObject({ text: 'shop!' });
  });

  test('is signed with each of the secrets, and either is enough', async () => {
    const { sink, requests } = await start(signingSecrets.join('  '));

    await sink.send(aMessage(), signal);

    const { body = '', headers = {} } = requests[0] ?? {};
    for (const secret of signingSecrets)
      expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
  });

  test('without a secret has no signature', async () => {
    const { sink, requests } = await start('');

    await expect(sink.send(aMessage(), signal)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(requests[0]?.headers).toHaveProperty('webhook-id');
    expect(requests[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  test('is the same one when it is tried again', async () => {
    const { sink, requests, next, shown } = await start();
    next(hangUp);
    next(status(500));

    await sink.send(aMessage(), signal);

    expect(requests).toHaveLength(3);
    expect(
      new Set(requests.map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`)).size,
    ).toBe(1);
    expect(shown()).toHaveLength(1);
  });
});

describe('what is not taken', () => {
  test.each([
    [410, 'gone'],
    [401, 'unauthorized'],
    [302, 'bad-request'],
    [503, 'unavailable'],
  ])('with %i is %s', async (code, expected) => {
    const answers = Array.from({ length: 3 }, () => status(code, { location: '/elsewhere' }, 'words'));

    const { code: given, message } = await refusedWith(await start(), ...answers);

    expect(given).toBe(expected);
    expect(message).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+ answered ${code}$`));
  });
});

describe('settings', () => {
  const url = secretText('https://hooks.acme.example/deploys?key=1');
  const key = String(signingSecrets[0]);
  const allowedUrl = 'a secret that is an http or https URL';
  const allowedKeys =
    'a secret that is whsec_ and the base64 of 24 to 64 bytes, or several of them separated by spaces';
  const notItself = '{ env: NAME } or { file: PATH }, never the secret itself';

  test.each([{ url }, { url, secret: secretText(key) }, { url, secret: secretText(`${key} ${key}\n`) }])(
    'take what is right',
    (given) => {
      expect(problemsIn(webhook, given)).toBeUndefined();
    },
  );

  test.each([
    ['no URL', {}, notItself],
    ['the URL itself', { url: 'https://hooks.acme.example' }, notItself],
    ['another scheme', { url: secretText('ftp://hooks.acme.example') }, allowedUrl],
    ['what is no URL', { url: secretText('hooks.acme.example') }, allowedUrl],
    ['the secret itself', { url, secret: key }, notItself],
    ['a short secret', { url, secret: secretText('whsec_c2hvcnQ=') }, allowedKeys],
    ['one secret that is none', { url, secret: secretText(`${key} other`) }, allowedKeys],
    ['another key', { url, format: 'cdevents' }, 'url, secret'],
    ['a text', 'deploys', 'a section with url, secret'],
  ])('are refused with %s', (_what, given, problem) => {
    expect(problemsIn(webhook, given)).toEqual([problem]);
  });
});
