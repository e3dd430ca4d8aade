import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { secretText } from '../../src/core/secret-text.ts';
import { email } from '../../src/notifiers/email.ts';
import { refusalOf } from '../../src/notifiers/email/refusal.ts';
import { aMessage, sinkContract } from '../contract/sink.ts';
import { startEmailKit, type EmailKit } from './kits/email.ts';
import { headersOf } from './kits/letter.ts';

sinkContract('email', startEmailKit);

const never = new AbortController().signal;
const fixture = new URL('../fixtures/notifiers/email.json', import.meta.url);
let kit: EmailKit | undefined;
afterEach(async () => {
  await kit?.close();
  kit = undefined;
});

async function start(...options: Parameters<typeof startEmailKit>): Promise<EmailKit> {
  kit = await startEmailKit(...options);
  return kit;
}

async function thrownBy(sending: Promise<void>): Promise<AppError> {
  const error: unknown = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('a mail', () => {
  test('is plain text with everything that a mail needs', async () => {
    const { sink, letters } = await start();

    await sink.send(aMessage(), never);

    const { headers, text, to, user } = letters[0] ?? {};
    expect({ headers: Object.fromEntries(headers ?? []), text, to, user }).toEqual(
      JSON.parse(readFileSync(fixture, 'utf8')),
    );
  });

  test('that is tried again has the same Message-ID; all about one rollout refer to the same one', async () => {
    const { sink, letters } = await start();

    await sink.send(aMessage(), never);
    await sink.send(aMessage(), never);
    await sink.send(aMessage({ id: 'up-1-approved', kind: 'update.approved' }), never);

    expect(letters.flatMap((letter) => headersOf(letter, 'message-id'))).toEqual([
      '<up-1-succeeded@acme.example>',
      '<up-1-succeeded@acme.example>',
      '<up-1-approved@acme.example>',
    ]);
    expect(letters.flatMap((letter) => headersOf(letter, 'references'))).toEqual(
      Array(3).fill('<up-1@acme.example>'),
    );
  });

  test('of a failure is marked as important', async () => {
    const { sink, letters } = await start();

    await sink.send(aMessage({ kind: 'update.failed', severity: 'error' }), never);
    await sink.send(aMessage({ kind: 'update.expired', severity: 'warning' }), never);

    expect(letters.map((letter) => headersOf(letter, 'importance'))).toEqual([['High'], []]);
  });

  test('has no header that somebody else wrote', async () => {
    const { sink, letters } = await start();
    const evil = 'a\r\nBcc: evil@acme.example\r\n\r\n<script>';
    const { notice } = aMessage({ id: evil, thread: `up>${evil}` });

    await sink.send({ notice, text: `shop\rBcc: evil@acme.example\u2028X: y\u0000\n${evil}` }, never);

    const [letter] = letters;
    expect(letter?.to).toEqual(['ops@acme.example']);
    expect(letter?.headers.map(([name]) => name).sort()).toEqual(
      Object.keys((JSON.parse(readFileSync(fixture, 'utf8')) as { headers: object }).headers).sort(),
    );
    expect(letter && headersOf(letter, 'subject')).toEqual(['shop Bcc: evil@acme.example X: y\\u{0}']);
    expect(letter && headersOf(letter, 'message-id')).toEqual([
      '<a__Bcc__evil_acme.example_____script_@acme.example>',
    ]);
  });

  test('says in its subject what its first line says, in any language', async () => {
    const { sink, letters } = await start();
    const { notice } = aMessage();

    await sink.send({ notice, text: `Lädchen läuft 🚢 ${'x'.repeat(500)}\nmore` }, never);
    await sink.send({ notice, text: '' }, never);

    const [long, none] = letters.flatMap((letter) => headersOf(letter, 'subject'));
    expect(long).toMatch(/^Lädchen läuft 🚢 x+…$/u);
    expect(long).toHaveLength(200);
    expect(none).toBe('update.succeeded');
  });

  test('is cut before it is longer than every server takes, at a whole code point', async () => {
    const { open, letters } = await start();

    const to = Array.from({ length: 100 }, (_, n) => `somebody-of-the-department-${n}@acme.example`);
    await open({ to }).send(aMessage({ message: '🚢'.repeat(30_000) }), never);

    expect(letters[0]?.text).toMatch(/🚢…$/u);
    expect(Buffer.byteLength(letters[0]?.text ?? '')).toBeGreaterThan(15_990);
    expect(letters[0]?.raw.length).toBeGreaterThan(48_000);
  });

  test('goes to all recipients at once, and names them', async () => {
    const { open, letters } = await start();

    await open({ to: ['Ops & Dev <ops@acme.example>', 'ann@acme.example'] }).send(aMessage(), never);

    expect(letters).toHaveLength(1);
    expect(letters[0]?.to).toEqual(['ops@acme.example', 'ann@acme.example']);
    expect(letters[0] && headersOf(letters[0], 'to')).toEqual([
      '"Ops & Dev" <ops@acme.example>, ann@acme.example',
    ]);
  });

  test('that some recipients may not have is brought to the others, and not again', async () => {
    const { open, letters, log } = await start();

    await open({ to: ['ops@acme.example', 'ann@other.example'] }).send(aMessage(), never);

    expect(letters[0]?.to).toEqual(['ops@acme.example']);
    expect(log.lines).toEqual([
      {
        ...{ level: 'warn', message: 'email: some recipients were refused' },
        fields: { host: '127.0.0.1', refused: ['ann@other.example'] },
      },
    ]);
  });
});

describe('a mail server', () => {
  test('is spoken to over TLS from the first byte where it wants that', async () => {
    const { open, letters } = await start({ secure: true });

    await open({ tls: 'implicit' }).send(aMessage(), never);

    expect(letters[0]?.user).toBe('updatekate');
  });

  test('gets mail without TLS and password where that is said', async () => {
    const { open, letters } = await start({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] });

    await open({ tls: 'none', user: undefined, password: undefined }).send(aMessage(), never);

    expect(letters.map(({ user }) => user)).toEqual([undefined]);
  });

  test.each(['starttls', 'implicit'])(
    'with a certificate that is not trusted gets nothing: %s',
    async (tls) => {
      const { open, letters } = await start({ secure: tls === 'implicit', authOptional: true });

      const error = await thrownBy(open({ tls, caCertFile: undefined }).send(aMessage(), never));

      expect(error.code).toBe('unavailable');
      expect(error.message).toMatch(/^email: 127\.0\.0\.1:\d+ cannot be used: .*(certificate|self.signed)/);
      expect(letters).toEqual([]);
    },
  );

  test('whose certificate is for another name gets nothing', async () => {
    const { open, letters } = await start();

    const error = await thrownBy(open({ host: 'localhost' }).send(aMessage(), never));

    expect(error.message).toContain("does not match certificate's altnames");
    expect(letters).toEqual([]);
  });

  test('that offers no TLS where it is wanted gets no password and no mail', async () => {
    const { sink, letters } = await start({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });

    const error = await thrownBy(sink.send(aMessage(), never));

    expect(error.message).toMatch(/\(to STARTTLS\)$/);
    expect(letters).toEqual([]);
  });

  test('that lets nobody sign in where there is a password gets nothing', async () => {
    const { sink, letters } = await start({ authOptional: true, disabledCommands: ['AUTH'] });

    await thrownBy(sink.send(aMessage(), never));

    expect(letters).toEqual([]);
  });

  test('that does not know the password says so', async () => {
    const { open } = await start();
    const password = secretText('wrong-canary');

    const error = await thrownBy(open({ password }).send(aMessage(), never));

    expect(error.code).toBe('unauthorized');
    expect(error.message).toMatch(/^email: 127\.0\.0\.1:\d+ answered 535 5\.7\.8 /);
    expect(error.message).not.toContain('wrong-canary');
  });

  test('that repeats what it was told betrays nothing', async () => {
    const { sink, trick } = await start();
    const plain = Buffer.from('\0updatekate\0password-canary').toString('base64');
    const part = Buffer.from('password-canary').toString('base64');
    trick({ at: 'login', status: 500, text: `What is AUTH PLAIN ${plain}, ${part} or password-canary?` });

    const error = await thrownBy(sink.send(aMessage(), never));

    expect(error.message).toContain('What is AUTH PLAIN ***, *** or ***?');
  });

  test.each([
    ['connect', 421, '4.3.2 Service shutting down', 'unavailable'],
    ['connect', 421, '4.7.0 Too many connections', 'rate-limited'],
    ['login', 454, '4.7.0 Temporary authentication failure', 'unavailable'],
    ['login', 534, '5.7.9 Application-specific password required', 'unauthorized'],
    ['sender', 530, '5.7.0 Authentication required', 'unauthorized'],
    ['sender', 452, '4.3.1 Insufficient system storage', 'unavailable'],
    ['sender', 451, '4.7.1 Ratelimit "hourly": rate limit exceeded', 'rate-limited'],
    ['sender', 550, '5.7.60 Client does not have permissions to send as this sender', 'forbidden'],
    ['recipient', 450, '4.2.1 The user is receiving mail too quickly', 'rate-limited'],
    ['recipient', 450, '4.2.0 Greylisted, see you later', 'rate-limited'],
    ['recipient', 450, '4.1.1 Mailbox unavailable', 'unavailable'],
    ['recipient', 550, '5.1.1 No such user', 'bad-request'],
    ['recipient', 554, '5.7.1 Relay access denied', 'forbidden'],
  ] as const)('that answers at %s %d %s', async (at, status, text, code) => {
    const { sink, trick, letters } = await start();
    trick({ at, status, text });

    const error = await thrownBy(sink.send(aMessage(), never));

    expect(error.code).toBe(code);
    expect(error.message).toContain(`answered ${status} `);
    expect(error.message).toContain(text.slice(6));
    expect(letters).toEqual([]);
  });

  test('that is not there may be tried again', async () => {
    const { open, close } = await start();
    kit = undefined;
    await close();

    const error = await thrownBy(open({ caCertFile: undefined }).send(aMessage(), never));

    expect(error.code).toBe('unavailable');
    expect(error.message).toMatch(/cannot be used: .*ECONNREFUSED/);
  });

  test('that says nothing is waited for for one minute', async () => {
    const { sink, silence, clock, connections } = await start();
    silence();

    const sending = thrownBy(sink.send(aMessage(), never));
    while (connections() === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(59_999);
    expect(clock.pending()).toBe(1);
    await clock.advance(1);

    expect((await sending).code).toBe('timeout');
    expect(clock.pending()).toBe(0);
  });
});

test('the library is loaded for the first mail, and not before', () => {
  const module = new URL('../../src/notifiers/email.ts', import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    const resolved = [];
    registerHooks({ resolve: (name, context, next) => (resolved.push(name), next(name, context)) });
    const { email } = await import(${JSON.stringify(module)});
    const settings = { host: '127.0.0.1', from: 'a@acme.example', to: ['b@acme.example'] };
    const sink = email.settings.parse(settings)({ clock: { now: () => new Date(), after: () => () => 0 } });
    const before = resolved.includes('nodemailer');
    const notice = { id: 'a', thread: 'b' };
    await sink.send({ notice, text: '' }, AbortSignal.abort()).catch(() => 0);
    console.log(before, resolved.includes('nodemailer'));`;

  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });

  expect(said).toBe('false true\n');
});

describe('a greeting that never comes', () => {
  /** As the library says it after half a minute. */
  const late = Object.assign(new Error('Greeting never received'), { code: 'ETIMEDOUT', command: 'CONN' });
  const saidWith = (tls: string): string => {
    const address = { name: '', address: 'ops@acme.example' };
    const settings = { host: 'smtp.acme.example', port: 4465, from: address, to: [address] };
    return refusalOf(late, { ...settings, tls } as Parameters<typeof refusalOf>[1]).message;
  };
  const words = 'email: smtp.acme.example:4465 cannot be used: Greeting never received';

  test.each(['starttls', 'none'])('may be that of TLS from the start, where it is %s', (tls) => {
    expect(saidWith(tls)).toBe(`${words}; if this port speaks TLS from the start, set tls: implicit`);
  });

  test('is not, where it is that', () => {
    expect(saidWith('implicit')).toBe(words);
  });
});

test('a file of authorities that is not there is named', async () => {
  const { open } = await start();

  const error = await thrownBy(open({ caCertFile: '/nowhere/ca.pem' }).send(aMessage(), never));

  expect(error.code).toBe('bad-config');
  expect(error.message).toMatch(/^email: caCertFile cannot be read: .*\/nowhere\/ca\.pem/);
});

describe('the settings', () => {
  const least = { host: 'smtp.acme.example', from: 'updatekate@acme.example', to: ['ops@acme.example'] };
  const signedIn = { ...least, user: 'updatekate', password: secretText('canary') };
  const problems = (given: unknown): readonly string[] =>
    (email.settings.safeParse(given).error?.issues ?? []).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );

  test.each([
    least,
    signedIn,
    { ...least, tls: 'none' },
    { ...signedIn, tls: 'implicit', port: 4465, caCertFile: '/etc/ssl/acme.pem' },
    { ...signedIn, tls: 'implicit', port: 465 },
    { ...least, host: '2001:db8::1', to: ['Ops Team <ops@acme.example>', 'o.p+s@acme.example'] },
  ])('may be %j', (given) => {
    expect(problems(given)).toEqual([]);
  });

  const address = 'an address like ops@acme.example, or Updatekate <ops@acme.example>';
  test.each([
    [{ host: 'smtp://acme.example' }, 'host: the name or address of a mail server'],
    [{ host: undefined }, 'host: the name or address of a mail server'],
    [{ port: 0 }, 'port: a port, 1 to 65535'],
    [{ port: '25' }, 'port: a port, 1 to 65535'],
    [{ tls: 'on' }, 'tls: starttls, implicit, none'],
    [{ user: 'a\nb' }, 'user: a name to sign in with, in one line'],
    [{ user: undefined }, 'user: a name to sign in with, in one line, as there is a password'],
    [{ password: 'inline' }, 'password: { env: NAME } or { file: PATH }, never the secret itself'],
    [{ password: undefined }, 'password: { env: NAME } or { file: PATH }, never the secret itself'],
    [{ password: secretText('a\r\nb') }, 'password: a secret that is one line of text'],
    [{ tls: 'none' }, 'tls: starttls, implicit: a password is not sent in the clear'],
    [{ port: 465 }, 'tls: implicit: port 465 speaks TLS from the start'],
    [{ port: 465, tls: 'starttls' }, 'tls: implicit: port 465 speaks TLS from the start'],
    [{ from: 'Updatekate' }, `from: ${address}`],
    [{ from: 'a@b.example, c@d.example' }, `from: ${address}`],
    [{ from: 'U\r\nBcc: c@d.example <a@b.example>' }, `from: ${address}`],
    [{ from: 'a@b.example\nBcc: c@d.example' }, `from: ${address}`],
    [{ to: 'ops@acme.example' }, 'to: a list of 1 to 100 addresses'],
    [{ to: [] }, 'to: a list of 1 to 100 addresses'],
    [{ to: Array<string>(101).fill('ops@acme.example') }, 'to: a list of 1 to 100 addresses'],
    [{ to: ['ops@acme.example', 'öps@acme.example'] }, `to.1: ${address}`],
    [{ caCertFile: '' }, 'caCertFile: the path of a file'],
    [{ hots: 'x' }, ': host, port, tls, user, password, from, to, caCertFile'],
  ])('may not be %j', (different, expected) => {
    expect(problems({ ...signedIn, ...different })).toEqual([expected]);
  });

  test.each(['\r', '\n', '\0', '\u2028', '"', '\\', '<', '>'])(
    'take no address with %j in it, wherever it is',
    (char) => {
      const good = 'Ops <ops@acme.example>';
      const all = Array.from(good, (_, at) => `${good.slice(0, at)}${char}${good.slice(at)}`);

      expect([...all, good + char].filter((to) => problems({ ...least, to: [to] }).length === 0)).toEqual([]);
    },
  );

  test('of nothing are missing', () => {
    expect(problems(null)).toEqual([
      ': a section with host, port, tls, user, password, from, to, caCertFile',
    ]);
  });
});
