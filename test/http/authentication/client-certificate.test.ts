import { afterEach, describe, expect, test } from '@jest/globals';
import { clientCertificateWay, isSubject } from '../../../src/http/authentication/client-certificate.ts';
import { createClientAddresses } from '../../../src/http/client-address.ts';
import { quayPush, startApp, type StartedApp } from '../../support/http-app.ts';

let app: StartedApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

interface Setup {
  readonly subject?: string;
  readonly header?: string | undefined;
  readonly trusted?: readonly string[];
}

async function start({
  subject = 'CN=quay,O=Acme',
  header,
  trusted = ['127.0.0.0/8'],
}: Setup): Promise<StartedApp> {
  const clients = createClientAddresses(trusted);
  app = await startApp({ webhook: { ways: [clientCertificateWay({ subject, header, clients })] } });
  return app;
}

const plain = 'ssl-client-subject-dn';
const envoy = 'x-forwarded-client-cert';
const taken: readonly (readonly [string, string, string, string])[] = [
  ['a name', 'CN=quay,O=Acme', plain, 'CN=quay,O=Acme'],
  ['a name with spaces', 'CN=quay, O=Acme', plain, 'CN=quay,O=Acme'],
  ['a name the other way round', 'O = Acme, CN = quay', plain, 'CN=quay,O=Acme'],
  ['a common name', 'quay', plain, 'CN=quay,O=Acme'],
  ['a name of Envoy', 'CN=quay,O=Acme', envoy, 'Hash=ab;Subject="CN=quay,O=Acme";URI=spiffe://x'],
  ['a common name of Envoy', 'quay', envoy, 'Hash=cd;Subject="CN=evil",Hash=ab;Subject="CN=quay"'],
];
const refused: readonly (readonly [string, string, string, string])[] = [
  ['another name', 'CN=quay,O=Acme', plain, 'CN=quay,O=Evil'],
  ['a name that is longer', 'CN=quay,O=Acme', plain, 'CN=quay,O=Acme,C=US'],
  ['a name that is shorter', 'CN=quay,O=Acme', plain, 'CN=quay'],
  ['a name that has the right one in it', 'quay', plain, 'CN=quay.evil.example'],
  ['a name in another part', 'quay', plain, 'CN=evil,O=quay'],
  ['a name with the right one in quotes', 'quay', plain, 'CN="evil,CN=quay"'],
  ['two common names', 'quay', plain, 'CN=quay,CN=evil'],
  ['another case', 'quay', plain, 'CN=Quay'],
  ['no name', 'quay', plain, 'quay'],
  ['an empty header', 'quay', plain, ''],
  ['an earlier proxy', 'quay', envoy, 'Hash=ab;Subject="CN=quay",Hash=cd;Subject="CN=evil"'],
  ['a plain name where Envoy writes', 'quay', envoy, 'CN=quay'],
  ['a name in front of what Envoy wrote', 'quay', envoy, 'CN=quay,Hash=cd;Subject="CN=evil"'],
];

describe('a certificate that a proxy of ours has verified', () => {
  test.each(taken)('is let in: %s (%s)', async (_what, subject, header, value) => {
    const { post } = await start({ subject, header });

    expect((await post('/webhook/quay', quayPush('1'), { [header]: value })).status).toBe(202);
  });

  test.each(refused)('is 401: %s (%s)', async (_what, subject, header, value) => {
    const { post } = await start({ subject, header });

    expect((await post('/webhook/quay', quayPush('1'), { [header]: value })).status).toBe(401);
  });

  test.each(taken)('is 401 from anybody else: %s (%s)', async (_what, subject, header, value) => {
    const { post } = await start({ subject, header, trusted: ['10.0.0.0/8'] });
    const headers = { [header]: value, 'x-forwarded-for': '10.0.0.1' };

    expect((await post('/webhook/quay', quayPush('1'), headers)).status).toBe(401);
  });

  test('is nothing in another header, or where no header is configured', async () => {
    const { post } = await start({ header: undefined });

    expect((await post('/webhook/quay', quayPush('1'), { [plain]: 'CN=quay,O=Acme' })).status).toBe(401);
  });

  test.each([
    ['SUCCESS', 202],
    ['NONE', 401],
    ['FAILED:self-signed certificate', 401],
    ['', 401],
  ])('counts only when nginx says so: ssl-client-verify "%s" is %i', async (verdict, status) => {
    const { post } = await start({ header: plain });
    const headers = { [plain]: 'CN=quay,O=Acme', 'ssl-client-verify': verdict };

    expect((await post('/webhook/quay', quayPush('1'), headers)).status).toBe(status);
  });

  test('is none when the header is there twice', async () => {
    const { url } = await start({ header: plain, subject: 'quay' });
    const response = await sendTwice(url, [plain, 'CN=quay', plain, 'O=Acme']);

    expect(response).toBe(401);
    expect(await sendTwice(url, [plain, 'CN=quay'])).toBe(202);
  });
});

/** Posts with headers as they are, repeated ones too. */
async function sendTwice(url: string, rawHeaders: readonly string[]): Promise<number | undefined> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const sending = request(`${url}/webhook/quay`, { method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    const names = [...new Set(rawHeaders.filter((_, index) => index % 2 === 0))];
    for (const name of names)
      sending.setHeader(
        name,
        rawHeaders.filter((_, index) => index % 2 === 1),
      );
    sending.once('error', reject).end(JSON.stringify(quayPush('1')));
  });
}

test.each([
  ['quay', true],
  ['quay registry', true],
  ['CN=quay,O=Acme', true],
  ['CN=quay,Acme', false],
  ['=quay', false],
])('"%s" may be configured: %p', (text, expected) => {
  expect(isSubject(text)).toBe(expected);
});
