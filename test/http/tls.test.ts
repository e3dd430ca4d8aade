import { once } from 'node:events';
import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { clientCertificateWay } from '../../src/http/authentication/client-certificate.ts';
import { createClientAddresses } from '../../src/http/client-address.ts';
import { readTls, type TlsOptions } from '../../src/http/tls.ts';
import { quayPush, startApp, type StartedApp } from '../support/http-app.ts';
import { aCertificate, type Certificate } from './certificate.ts';

const authority = aCertificate('the authority');
const stranger = aCertificate('a stranger');
const server = aCertificate('updatekate', authority);
const files: Readonly<Record<string, string>> = {
  'tls.crt': server.cert,
  'tls.key': server.key,
  'ca.crt': authority.cert,
};
const readFile = (path: string): string => {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
};
const all = { tlsCertFile: 'tls.crt', tlsKeyFile: 'tls.key', tlsClientCaFile: 'ca.crt' };
let app: StartedApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(subject: string, tls: TlsOptions | undefined): Promise<StartedApp> {
  const clients = createClientAddresses([]);
  app = await startApp(
    { webhook: { ways: [clientCertificateWay({ subject, header: undefined, clients })] } },
    tls,
  );
  return app;
}

async function post(
  { url }: StartedApp,
  client?: Pick<Certificate, 'cert' | 'key'>,
): Promise<number | undefined> {
  const options: RequestOptions = { method: 'POST', ca: authority.cert, agent: false };
  if (client) Object.assign(options, { cert: client.cert, key: client.key });
  const sending = request(`${url.replace('http:', 'https:')}/webhook/quay`, options);
  sending.end(JSON.stringify(quayPush('1')));
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('with TLS of its own', () => {
  const tls = readTls(all, readFile);

  test.each([
    ['quay', 'quay', 202],
    ['CN=quay,O=Acme', 'quay', 202],
    ['O=Acme, CN=quay', 'quay', 202],
    ['quay', 'quay.evil', 401],
    ['CN=quay', 'quay', 401],
    ['quay', 'quay,O=Evil', 401],
  ])('"%s" is asked for, "%s" comes: %i', async (subject, name, status) => {
    expect(await post(await start(subject, tls), aCertificate(name, authority))).toBe(status);
  });

  test('a certificate of another authority, one that signed itself, and one that has ended are none', async () => {
    const running = await start('quay', tls);

    expect(await post(running, aCertificate('quay', stranger))).toBe(401);
    expect(await post(running, aCertificate('quay'))).toBe(401);
    expect(await post(running, aCertificate('quay', authority, 2020))).toBe(401);
  });

  test('no certificate is required', async () => {
    expect(await post(await start('quay', tls))).toBe(401);
  });

  test('none is asked for where there is no authority to check it by', async () => {
    const running = await start('quay', readTls({ ...all, tlsClientCaFile: undefined }, readFile));

    expect(await post(running, aCertificate('quay', authority))).toBe(401);
  });
});

describe('the files of TLS', () => {
  const none = { tlsCertFile: undefined, tlsKeyFile: undefined, tlsClientCaFile: undefined };

  test('are not needed', () => {
    expect(readTls(none, readFile)).toBeUndefined();
  });

  test.each([
    ['no key', { ...all, tlsKeyFile: undefined }, 'TLS needs both UK_TLS_CERT_FILE and UK_TLS_KEY_FILE'],
    ['no certificate', { ...all, tlsCertFile: undefined }, 'TLS needs both'],
    ['authorities alone', { ...none, tlsClientCaFile: 'ca.crt' }, 'TLS needs both'],
    ['a file that is not there', { ...all, tlsKeyFile: 'x' }, 'UK_TLS_KEY_FILE=x cannot be read: ENOENT'],
  ])('stop the start: %s', (_what, config, message) => {
    expect(() => readTls(config, readFile)).toThrow(
      expect.objectContaining({ code: 'bad-config', message: expect.stringContaining(message) as unknown }),
    );
  });

  test('that hold something else stop the start, and are not shown', async () => {
    const starting = start('quay', { cert: 'canary', key: 'canary' });

    await expect(starting).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringMatching(/^UK_TLS_CERT_FILE, UK_TLS_KEY_FILE(?!.*canary)/) as unknown,
    });
  });
});
