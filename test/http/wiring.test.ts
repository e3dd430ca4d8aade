import { afterEach, describe, expect, test } from '@jest/globals';
import { anIssuerKey, aToken, startIssuer, type Issuer } from './authentication/oidc-issuer.ts';
import { runService, type RunningService } from '../support/running-service.ts';

const embedded = { UK_CLUSTER: 'embedded', UK_STORE: 'memory', UK_DEPLOYMENT: 'shop' };
const secret = 'a-secret-canary-1';
let service: RunningService | undefined;
let issuer: Issuer | undefined;
afterEach(async () => {
  await service?.stop();
  await issuer?.close();
  [service, issuer] = [undefined, undefined];
});

async function start(environment: Readonly<Record<string, string>>): Promise<RunningService> {
  service = await runService({ ...embedded, ...environment });
  return service;
}

function post({ url }: RunningService, headers: Readonly<Record<string, string>>): Promise<Response> {
  const body = JSON.stringify({ docker_url: 'quay.io/nobody/nothing', updated_tags: ['1'] });
  return fetch(`${url}/webhook/quay`, { method: 'POST', headers, body });
}

const isOpen = 'these sources take webhooks from anyone who reaches the port';
const anyAccount = 'any account of UK_OIDC_ISSUER may post: set UK_OIDC_EMAIL or UK_OIDC_SUBJECT';

describe('the start', () => {
  test('says which sources are open, in one line', async () => {
    const { log } = await start({});

    const lines = log.lines.filter(({ message }) => message === isOpen);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'warn',
      fields: {
        sources: expect.arrayContaining(['quay']) as unknown,
        close: expect.stringContaining('UK_WEB') as unknown,
      },
    });
  });

  test('says nothing of the kind where all are closed', async () => {
    const { log } = await start({ UK_WEBHOOK_TOKEN: secret });

    expect(log.lines.map(({ message }) => message)).not.toContain(isOpen);
    expect(JSON.stringify(log.lines)).not.toContain('canary');
  });

  test('is refused with secrets of a source that is not there', async () => {
    await expect(start({ UK_WEBHOOK_TOKENS: `nope=${secret}` })).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringMatching(/^UK_WEBHOOK_TOKENS=\*\*\* .*allowed: .*quay/) as unknown,
    });
  });

  test('is refused when two people who vote have the same token', async () => {
    const shared = { UK_ADMIN_TOKEN: secret, UK_APPROVAL_TOKENS: `ann:${secret}` };

    await expect(start(shared)).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringMatching(/^UK_APPROVAL_TOKENS=\*\*\* .*: admin and ann have the same/) as unknown,
    });
  });

  test('is refused with a certificate that is not there', async () => {
    const files = { UK_TLS_CERT_FILE: '/nowhere', UK_TLS_KEY_FILE: '/nowhere' };

    await expect(start(files)).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('UK_TLS_CERT_FILE=/nowhere cannot be read') as unknown,
    });
  });

  test('fetches the keys of an issuer, whose tokens are then let in', async () => {
    const key = await anIssuerKey('first');
    issuer = await startIssuer(key);
    const running = await start({ UK_OIDC_ISSUER: issuer.url, UK_OIDC_AUDIENCE: 'updatekate' });
    while (issuer.asked.length < 2) await new Promise((resolve) => setImmediate(resolve));

    const claims = { iss: issuer.url, exp: Math.floor(Date.now() / 1000) + 600 };
    const [right, wrong] = await Promise.all([
      aToken({ ...claims, aud: 'updatekate' }, key),
      aToken({ ...claims, aud: 'other' }, key),
    ]);
    const answers = [
      await post(running, { authorization: `Bearer ${right}` }),
      await post(running, { authorization: `Bearer ${wrong}` }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
    expect(running.log.lines.map(({ message }) => message)).toContain(anyAccount);
  });

  test('goes on where the keys of an issuer cannot be had, and says so', async () => {
    const running = await start({
      UK_OIDC_ISSUER: 'http://127.0.0.1:1',
      UK_OIDC_AUDIENCE: 'x',
      UK_OIDC_EMAIL: 'a@b',
    });
    const messages = (): readonly string[] => running.log.lines.map(({ message }) => message);
    const failed = 'the keys of UK_OIDC_ISSUER cannot be fetched yet';
    while (!messages().includes(failed)) await new Promise((resolve) => setImmediate(resolve));

    expect((await post(running, { authorization: 'Bearer x' })).status).toBe(401);
    expect(messages()).not.toContain(anyAccount);
  });
});
