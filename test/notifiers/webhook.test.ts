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
const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const fixtureOf = (name: string): unknown => JSON.parse(read(`test/fixtures/notifiers/${name}.json`));
const fixture = fixtureOf('webhook');

sinkContract('webhook', () => startWebhookKit());
sinkContract('webhook with cloudevents', () => startWebhookKit(undefined, 'cloudevents'));
sinkContract('webhook with cdevents', () => startWebhookKit(undefined, 'cdevents'));

const bodyOf = (request: CapturedRequest | undefined): unknown => JSON.parse(request?.body ?? '');

describe('a POST', () => {
  test('has the body of the fixture, which is the sample of the docs, and the id of the notice', async () => {
    const { sink, requests } = await start();

    await sink.send(aMessage(), signal);

    const page = read('docs/notifiers/webhook.md');
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

describe('an event', () => {
  const eventIn = ({ headers, body }: CapturedRequest): unknown => ({
    headers: Object.fromEntries(
      Object.entries(headers).filter(([name]) => /^(?:ce-.*|content-type|webhook-id)$/.test(name)),
    ),
    body: JSON.parse(body) as unknown,
  });
  /** Of an update, and of what others did. */
  const both = [aMessage(), aMessageOf('workload.failed', { thread: 'ch-1', message: 'pod shop-1' })];

  test.each(['cloudevents', 'cdevents'] as const)(
    'in the format %s is that of the fixture, of an update and of a change',
    async (format) => {
      const { sink, requests } = await start(undefined, format);

      for (const message of both) await sink.send(message, signal);

      expect(requests.map(eventIn)).toEqual(fixtureOf(`webhook-${format}`));
    },
  );

  test.each(['cloudevents', 'cdevents'] as const)(
    'in the format %s is signed with each of the secrets',
    async (format) => {
      const { sink, requests } = await start(signingSecrets.join(' '), format);

      await sink.send(aMessage(), signal);

      const { body = '', headers = {} } = requests[0] ?? {};
      for (const secret of signingSecrets)
        expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
    },
  );

  test('of CloudEvents has the body of our own format', async () => {
    const { sink, requests } = await start(undefined, 'cloudevents');

    await sink.send(aMessage(), signal);

    expect(bodyOf(requests[0])).toEqual(fixture);
  });

  test('is the sample of the docs', () => {
    const [, section = ''] = /^## As a notifier$(.*?)^## /ms.exec(read('docs/notifiers/webhook.md')) ?? [];
    const [cloudEvent] = fixtureOf('webhook-cloudevents') as readonly [{ headers: object }];
    const [, cdEvent] = fixtureOf('webhook-cdevents') as readonly [unknown, { body: object }];
    const [, http = ''] = /```http\n(.*?)```/s.exec(section) ?? [];
    const headers = http.trim().replace('Content-Type', 'content-type').split('\n').sort();
    const samples = [...section.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']): unknown =>
      JSON.parse(text),
    );

    expect(headers.filter((line) => !/^webhook-(?:timestamp|signature): /.test(line))).toEqual(
      Object.entries(cloudEvent.headers)
        .map(([name, value]) => `${name}: ${String(value)}`)
        .sort(),
    );
    expect(samples).toEqual([fixture, { ...cdEvent.body, customData: undefined }]);
  });

  test('of CDEvents is not sent where there is none', async () => {
    const { sink, requests } = await start(undefined, 'cdevents');

    await sink.send(aMessageOf('workload.image-changed'), signal);

    expect(sink.tells?.('workload.image-changed')).toBe(false);
    expect(requests).toEqual([]);
  });

  test('of CDEvents that needs an image with a name, and has none, is given up', async () => {
    const { sink, requests } = await start(undefined, 'cdevents');
    const images = [{ container: 'app', from: '', to: 'UPPER CASE' }];

    await expect(sink.send(aMessageOf('workload.created', { images }), signal)).rejects.toMatchObject({
      code: 'gone',
    });
    expect(requests).toEqual([]);
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

  test.each([
    { url },
    { url, secret: secretText(key) },
    { url, secret: secretText(`${key} ${key}\n`) },
    { url, format: 'updatekate' },
    { url, format: 'cloudevents' },
    { url, format: 'cdevents' },
  ])('take what is right', (given) => {
    expect(problemsIn(webhook, given)).toBeUndefined();
  });

  test.each([
    ['no URL', {}, notItself],
    ['the URL itself', { url: 'https://hooks.acme.example' }, notItself],
    ['another scheme', { url: secretText('ftp://hooks.acme.example') }, allowedUrl],
    ['what is no URL', { url: secretText('hooks.acme.example') }, allowedUrl],
    ['the secret itself', { url, secret: key }, notItself],
    ['a short secret', { url, secret: secretText('whsec_c2hvcnQ=') }, allowedKeys],
    ['one secret that is none', { url, secret: secretText(`${key} other`) }, allowedKeys],
    ['a format that is none', { url, format: 'cloudevent' }, 'updatekate, cloudevents, cdevents'],
    ['another key', { url, token: 'x' }, 'url, secret, format'],
    ['a text', 'deploys', 'a section with url, secret, format'],
  ])('are refused with %s', (_what, given, problem) => {
    expect(problemsIn(webhook, given)).toEqual([problem]);
  });
});
