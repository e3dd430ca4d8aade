import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../../src/core/errors.ts';
import type { Registry, WebhookRequest } from '../../../src/core/registry.ts';
import { fieldProof, headerProof, hmacProof } from '../../../src/core/webhook-proofs.ts';
import type { Way } from '../../../src/http/authentication/way.ts';
import { quay } from '../../../src/registries/quay.ts';
import { quayPush, startApp, type AppChanges, type StartedApp } from '../../support/http-app.ts';

const refusal = '{"error":{"code":"unauthorized","message":"the secret is missing or wrong"}}';
const [ofAll, ofSigned, spare] = ['of-all-canary-1234', 'of-signed-canary-1', 'spare-canary-12345'];
let app: StartedApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** A dialect that is known by `kind` in its body. */
function aDialect(name: string, different: Partial<Registry> = {}): Registry {
  const recognises = ({ body }: WebhookRequest): boolean =>
    (body as { readonly kind?: unknown } | null)?.kind === name;
  return { name, spec: '', recognises, parse: () => [], ...different };
}

const header = 'x-hub-signature-256';
const signed = aDialect('signed', {
  maxBodyBytes: 2 * 1024 * 1024,
  proofs: [hmacProof({ header, algorithm: 'sha256', prefix: 'sha256=' }), headerProof('x-secret')],
});
const plain = aDialect('plain');
const template = aDialect('template', { proofs: [fieldProof('secret')] });

async function start(changes: AppChanges['webhook'] = {}): Promise<StartedApp> {
  app = await startApp({ webhook: { registries: [quay, signed, plain, template], ...changes } });
  return app;
}

function signature(text: string, secret: string): Readonly<Record<string, string>> {
  return { [header]: `sha256=${createHmac('sha256', secret).update(text).digest('hex')}` };
}

const text = '{ "kind": "signed" }';

describe('a proof', () => {
  test.each([
    ['/webhook/signed', text, signature(text, ofAll)],
    ['/webhook', text, signature(text, ofAll)],
    ['/webhook/signed', text, { 'x-secret': ofAll }],
    ['/webhook/template', `{"kind":"template","secret":"${ofAll}"}`, {}],
    ['/webhook', `{"kind":"template","secret":"${ofAll}"}`, {}],
    ['/webhook/quay', JSON.stringify({ ...quayPush('1'), secret: ofAll }), {}],
    ['/webhook', JSON.stringify({ ...quayPush('1'), token: ofAll }), {}],
  ])('to %s of %s is taken instead of a token', async (path, body, headers) => {
    const { post, received } = await start({ token: ofAll });

    expect((await post(path, body, headers)).ok).toBe(true);
    expect(received).toHaveLength(1);
  });

  test.each([
    ['none', '/webhook/signed', text, {}],
    ['of another secret', '/webhook/signed', text, signature(text, spare)],
    ['of another body', '/webhook/signed', text, signature(`${text} `, ofAll)],
    ['of another dialect', '/webhook/plain', text, signature(text, ofAll)],
    [
      'of another dialect, at plain /webhook',
      '/webhook',
      '{"kind":"plain"}',
      signature('{"kind":"plain"}', ofAll),
    ],
    ['none, and a body that is no JSON', '/webhook', 'junk', {}],
    ['none, and a body that is compressed', '/webhook/signed', text, { 'content-encoding': 'gzip' }],
    ['none, and no host', '/webhook/signed?registry=..', text, {}],
  ])('(%s) at %s is 401 in the usual words', async (_what, path, body, headers) => {
    const { post, received } = await start({ token: ofAll });

    const response = await post(path, body, headers);

    expect([response.status, await response.text()]).toEqual([401, refusal]);
    expect(received).toHaveLength(0);
  });

  test('is made over the bytes as they came: of the form, and of what is no JSON', async () => {
    const { post } = await start({ token: ofAll });
    const form = `payload=${encodeURIComponent(text)}`;

    expect((await post('/webhook/signed', form, signature(form, ofAll))).status).toBe(200);
    expect((await post('/webhook/signed', form, signature(text, ofAll))).status).toBe(401);
    expect((await post('/webhook/signed', 'junk', signature('junk', ofAll))).status).toBe(400);
    const gzip = { ...signature(text, ofAll), 'content-encoding': 'gzip' };
    expect((await post('/webhook/signed', text, gzip)).status).toBe(415);
  });
});

describe('a source that has no proofs', () => {
  test('is answered 401 before its body has come', async () => {
    const { url } = await start({ token: ofAll });
    const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');

    socket.write('POST /webhook/plain HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n');

    // The body is never sent.
    const [answer] = (await once(socket, 'data')) as [string];
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });
});

describe('secrets of single sources', () => {
  const secrets = { all: [ofAll], bySource: new Map([['signed', [ofSigned, spare]]]) };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test.each([
    ['/webhook/signed', text, ofSigned, 200],
    ['/webhook/signed', text, spare, 200],
    ['/webhook/signed', text, ofAll, 401],
    ['/webhook/plain', '{"kind":"plain"}', ofAll, 200],
    ['/webhook/plain', '{"kind":"plain"}', ofSigned, 401],
    ['/webhook', text, ofSigned, 200],
    ['/webhook', text, ofAll, 401],
    ['/webhook', '{"kind":"plain"}', ofAll, 200],
    ['/webhook', '{"kind":"plain"}', spare, 401],
    ['/webhook', 'junk', ofAll, 400],
    ['/webhook', 'junk', ofSigned, 401],
  ])('%s %s with %s is %i', async (path, body, token, status) => {
    const { post } = await start({ secrets });

    expect((await post(path, body, bearer(token))).status).toBe(status);
  });

  test.each([
    [ofSigned, 200],
    [spare, 200],
    [ofAll, 401],
  ])('are keys too: %s is %i', async (key, status) => {
    const { post } = await start({ secrets });

    for (const path of ['/webhook', '/webhook/signed'])
      expect((await post(path, text, signature(text, key))).status).toBe(status);
  });

  test('leave all other sources open where there is no secret of all', async () => {
    const { post } = await start({ secrets: { ...secrets, all: [] } });

    expect((await post('/webhook/plain', {})).status).toBe(200);
    expect((await post('/webhook', { kind: 'plain' })).status).toBe(200);
    expect((await post('/webhook/signed', text)).status).toBe(401);
    expect((await post('/webhook', text)).status).toBe(401);
  });
});

test('a source that is not there is 404, with and without a secret', async () => {
  const { post } = await start({ token: ofAll });

  for (const query of ['', `?token=${ofAll}`])
    expect((await post(`/webhook/nope${query}`, '{}')).status).toBe(404);
});

describe('the limit of a body', () => {
  const filled = (kind: string, bytes: number): string => JSON.stringify({ kind }).padEnd(bytes, ' ');
  const mebibyte = 1024 * 1024;

  test.each([
    ['/webhook/signed', 'signed', 2 * mebibyte, 200],
    ['/webhook/signed', 'signed', 2 * mebibyte + 1, 413],
    ['/webhook', 'signed', 2 * mebibyte, 200],
    ['/webhook', 'signed', 2 * mebibyte + 1, 413],
    ['/webhook', 'plain', mebibyte, 200],
    ['/webhook', 'plain', mebibyte + 1, 413],
    ['/webhook/plain', 'plain', mebibyte + 1, 413],
  ])('%s %s of %i bytes is %i', async (path, kind, bytes, status) => {
    const { post } = await start();

    expect((await post(path, filled(kind, bytes))).status).toBe(status);
  });
});

describe('ways besides secrets', () => {
  const way = (result: boolean | Error, sources: readonly string[]): Way => ({
    serves: (source) => sources.includes(source),
    admits: () => (result instanceof Error ? Promise.reject(result) : Promise.resolve(result)),
  });
  const broken = new Error('broken canary');
  const away = new AppError('unavailable', 'no keys');

  test.each([
    ['one that says yes', [way(true, ['plain'])], 200],
    ['one that says no', [way(false, ['plain'])], 401],
    ['one of two', [way(false, ['plain']), way(true, ['plain'])], 200],
    ['one of another source', [way(true, ['signed'])], 200],
    ['one that is broken', [way(broken, ['plain'])], 500],
    ['one that cannot tell now', [way(away, ['plain']), way(false, ['plain'])], 503],
    ['one that cannot tell now, and one that says yes', [way(away, ['plain']), way(true, ['plain'])], 200],
  ])('%s', async (_which, ways, status) => {
    const { post } = await start({ ways });

    expect((await post('/webhook/plain', {})).status).toBe(status);
  });

  test('do not open what has a secret', async () => {
    const { post } = await start({ token: ofAll, ways: [way(true, ['signed'])] });

    expect((await post('/webhook/plain', {})).status).toBe(401);
    expect((await post('/webhook/signed', {})).status).toBe(200);
  });
});

test("the template in Quay's page, filled in as Quay does, is let in and read", async () => {
  const page = readFileSync(new URL('../../../docs/registries/quay.md', import.meta.url), 'utf8');
  const [, template = ''] = /```json\n(\{.*"secret".*?)```/s.exec(page) ?? [];
  const values = { '${docker_url}': 'quay.io/acme/shop', '${updated_tags[0]}': '1.1.0', '<token>': ofAll };
  const body = Object.entries(values).reduce((text, [name, value]) => text.replace(name, value), template);
  const { post, received } = await start({ token: ofAll });

  expect((await post('/webhook/quay', body)).status).toBe(202);
  expect((await post('/webhook/quay', body.replace(ofAll, spare))).status).toBe(401);
  expect(received.map(({ pushes }) => pushes)).toEqual([
    [{ repository: 'quay.io/acme/shop', tag: '1.1.0', digest: null }],
  ]);
});
