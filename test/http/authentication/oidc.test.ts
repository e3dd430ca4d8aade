import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createOidcKeys, type OidcKeys } from '../../../src/http/authentication/oidc-keys.ts';
import { oidcWay, type OidcOptions } from '../../../src/http/authentication/oidc.ts';
import { createHttp } from '../../../src/lib/http.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { quayPush, startApp, type StartedApp } from '../../support/http-app.ts';
import {
  anIssuerKey,
  aToken,
  publicText,
  startIssuer,
  type Claims,
  type Issuer,
  type IssuerKey,
} from './oidc-issuer.ts';

const audience = 'https://updatekate.example.com/webhook/gar';
const email = 'pusher@project.iam.gserviceaccount.com';
const now = new Date('2026-01-01T12:00:00Z');
const seconds = now.getTime() / 1000;
const never = new AbortController().signal;
let [first, second, elliptic]: IssuerKey[] = [];
let issuer: Issuer | undefined;
let app: StartedApp | undefined;

beforeAll(async () => {
  [first, second, elliptic] = await Promise.all([
    anIssuerKey('first'),
    anIssuerKey('second'),
    anIssuerKey('elliptic', 'ES256'),
  ]);
});
afterEach(async () => {
  await Promise.all([app?.close(), issuer?.close()]);
  [app, issuer] = [undefined, undefined];
});

interface Running {
  readonly issuer: Issuer;
  readonly clock: FakeClock;
  readonly keys: OidcKeys;
  readonly app: StartedApp;
  post(token: string): Promise<Response>;
  /** A token that is right, but for these claims, by the first key or another one. */
  token(changes?: Claims, key?: IssuerKey): Promise<string>;
}

async function start(different: Partial<OidcOptions> = {}): Promise<Running> {
  if (!first || !elliptic) throw new Error('no keys');
  const [one, other] = [first, elliptic];
  const started = await startIssuer(one, other);
  const clock = createFakeClock(now);
  const { get } = createHttp({ clock, timeoutMs: 60_000, retries: 0, minDelayMs: 0, userAgent: 'test' });
  const keys = createOidcKeys({ issuer: started.url, clock, get });
  const options = { issuer: started.url, audience, email, subject: undefined, keys, clock, ...different };
  const running = await startApp({ webhook: { ways: [oidcWay(options)] } });
  [app, issuer] = [running, started];
  const claims = {
    iss: started.url,
    aud: audience,
    sub: '1032',
    email,
    email_verified: true,
    exp: seconds + 3600,
  };
  return {
    ...{ issuer: started, clock, keys, app: running },
    post: (token) => running.post('/webhook/quay', quayPush('1'), { authorization: `Bearer ${token}` }),
    token: (changes = {}, key = one) => aToken({ ...claims, ...changes }, key),
  };
}

describe('a token', () => {
  test.each<readonly [string, Claims]>([
    ['as Google makes it', {}],
    ['of several audiences', { aud: ['other', audience] }],
    ['that ended a minute ago', { exp: seconds - 59 }],
    ['that begins in a minute', { nbf: seconds + 59 }],
    ['whose email is verified in words', { email_verified: 'true' }],
  ])('is let in: %s', async (_which, changes) => {
    const { post, token } = await start();

    expect((await post(await token(changes))).status).toBe(202);
  });

  test.each<readonly [string, Claims]>([
    ['that has ended', { exp: seconds - 61 }],
    ['that never ends', { exp: undefined }],
    ['that has not begun', { nbf: seconds + 61 }],
    ['of another audience', { aud: 'https://elsewhere.example.com' }],
    ['of an audience that only begins so', { aud: `${audience}/more` }],
    ['of no audience', { aud: undefined }],
    ['of another issuer', { iss: 'https://evil.example.com' }],
    ['of no issuer', { iss: undefined }],
    ['of a foreign email', { email: 'evil@project.iam.gserviceaccount.com' }],
    ['of an email that is not verified', { email_verified: false }],
    ['of an email that nobody says to be verified', { email_verified: undefined }],
    ['of no email', { email: undefined }],
  ])('is 401: %s', async (_which, changes) => {
    const {
      post,
      token,
      app: { received },
    } = await start();

    const response = await post(await token(changes));

    expect(response.status).toBe(401);
    expect(await response.text()).toContain('the secret is missing or wrong');
    expect(received).toHaveLength(0);
  });

  test('of an elliptic key is let in', async () => {
    const { post, token } = await start();

    expect((await post(await token({}, elliptic))).status).toBe(202);
  });

  test('with no signature is 401, and nobody is asked for keys', async () => {
    const {
      post,
      issuer: { url, asked },
    } = await start();
    const claims = { iss: url, aud: audience, email, email_verified: true, exp: seconds + 3600 };

    expect((await post(new UnsecuredJWT(claims).encode())).status).toBe(401);
    expect((await post('a.b.c')).status).toBe(401);
    expect((await post('no-token-at-all')).status).toBe(401);
    expect(asked).toEqual([]);
  });

  test('signed with the public key as a shared secret is 401', async () => {
    const {
      post,
      issuer: { url },
    } = await start();
    if (!first) throw new Error('no key');
    const claims = { iss: url, aud: audience, email, email_verified: true, exp: seconds + 3600 };
    const secret = new TextEncoder().encode(await publicText(first));

    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret);

    expect((await post(forged)).status).toBe(401);
  });

  test('signed by a stranger under the name of a known key is 401', async () => {
    const { post, token } = await start();
    if (!second) throw new Error('no key');

    expect((await post(await token({}, { ...second, kid: 'first' }))).status).toBe(401);
  });

  test('must have the subject that is asked for', async () => {
    const { post, token } = await start({ email: undefined, subject: '1032' });

    expect((await post(await token())).status).toBe(202);
    expect((await post(await token({ sub: '10321' }))).status).toBe(401);
    expect((await post(await token({ sub: undefined }))).status).toBe(401);
  });

  test('is nothing without the scheme Bearer, nor in the path', async () => {
    const {
      app: { post },
      token,
    } = await start();
    const right = await token();

    const answers = [
      await post('/webhook/quay', quayPush('1'), { authorization: right }),
      await post(`/webhook/quay/${right}`, quayPush('1')),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  });
});

describe('keys', () => {
  test('are fetched once, also for many at the same time', async () => {
    const {
      post,
      token,
      issuer: { asked },
    } = await start();
    const right = await token();

    const answers = await Promise.all([1, 2, 3, 4].map(() => post(right)));

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  test('that were fetched before are not waited for', async () => {
    const {
      post,
      token,
      keys,
      issuer: { asked, fail },
    } = await start();
    await keys.fetch(never);
    fail(500);

    expect((await post(await token())).status).toBe(202);
    expect(asked).toHaveLength(2);
  });

  test('that are unknown are looked for, once a minute', async () => {
    const {
      post,
      token,
      clock,
      issuer: { asked, show },
    } = await start();
    await post(await token());
    const rotated = await token({}, second);

    const early = await post(rotated);
    await clock.advance(60_000);
    const unknown = await post(rotated);
    show(...[second].filter((key) => key !== undefined));
    const soon = await post(rotated);
    await clock.advance(60_000);
    const late = await post(rotated);

    expect([early, unknown, soon, late].map(({ status }) => status)).toEqual([401, 401, 401, 202]);
    expect(asked).toHaveLength(6);
  });

  test('that cannot be had are 503 with Retry-After, until they can', async () => {
    const {
      post,
      token,
      clock,
      issuer: { asked, fail },
    } = await start();
    fail(500);
    const right = await token();

    const refused = [await post(right), await post(right)];
    await clock.advance(5000);
    fail(undefined);
    const taken = await post(right);

    expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
      [503, '5'],
      [503, '5'],
    ]);
    expect(taken.status).toBe(202);
    expect(asked).toHaveLength(3);
  });

  test('that were had go on while the issuer is away', async () => {
    const {
      post,
      token,
      clock,
      issuer: { fail },
    } = await start();
    await post(await token());
    fail(500);
    await clock.advance(60_000);

    // Somebody asks for an unknown key, and its absence cannot be told.
    expect((await post(await token({}, second))).status).toBe(503);
    expect((await post(await token())).status).toBe(202);
  });

  test('that were withdrawn are forgotten after an hour', async () => {
    const {
      post,
      token,
      clock,
      issuer: { asked, show },
    } = await start();
    await post(await token());
    show(...[second].filter((key) => key !== undefined));
    await clock.advance(3_600_001);

    // The first one starts the fetch, and is not kept waiting by it.
    const right = await token({ exp: seconds + 7200 });
    expect((await post(right)).status).toBe(202);
    let status = 0;
    while (status !== 401) ({ status } = await post(right));

    expect(asked).toHaveLength(4);
  });

  test.each<readonly [string, Readonly<Record<string, unknown>>, string]>([
    ['of another issuer', { issuer: 'https://evil.example.com' }, 'the issuer calls itself https://evil'],
    ['that are elsewhere without TLS', { jwks_uri: 'http://192.0.2.1/keys' }, 'is not https'],
    ['at an address that is none', { jwks_uri: 'keys' }, 'jwks_uri'],
  ])('%s are not taken', async (_which, described, why) => {
    const {
      keys,
      issuer: { asked, describe: tell },
    } = await start();
    tell(described);

    const refused: unknown = await keys.fetch(never).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: 'unavailable' });
    expect(String((refused as Error).cause)).toContain(why);
    expect(asked).toEqual(['/.well-known/openid-configuration']);
  });

  test('that are no keys are not taken', async () => {
    const keys = createOidcKeys({
      ...{ issuer: 'https://issuer.example.com', clock: createFakeClock(now) },
      get: (url) =>
        Promise.resolve(
          url.endsWith('/keys')
            ? '{"keys":7}'
            : '{"issuer":"https://issuer.example.com","jwks_uri":"https://issuer.example.com/keys"}',
        ),
    });

    await expect(keys.fetch(never)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('a body that is signed is let in though the keys of tokens cannot be had', async () => {
  const {
    issuer: { url, fail },
    token,
    clock,
  } = await start();
  fail(500);
  const right = await token();
  const { get } = createHttp({ clock, timeoutMs: 60_000, retries: 0, minDelayMs: 0, userAgent: 'test' });
  const keys = createOidcKeys({ issuer: url, clock, get });
  const way = oidcWay({ issuer: url, audience, email, subject: undefined, keys, clock });
  const other = await startApp({ webhook: { token: 'the-right-token-1', ways: [way] } });
  const headers = { authorization: `Bearer ${right}` };

  const statuses = [
    (await other.post('/webhook/quay', { ...quayPush('1'), secret: 'the-right-token-1' }, headers)).status,
    (await other.post('/webhook/quay', quayPush('1'), headers)).status,
  ];
  await other.close();

  expect(statuses).toEqual([202, 503]);
});
