import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { secretText } from '../../../src/core/secret-text.ts';
import { email } from '../../../src/notifiers/email.ts';
import type { SinkKit } from '../../contract/sink.ts';
import { aCertificate } from '../../http/certificate.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createFakeLog } from '../../support/fake-log.ts';
import { sinkAround } from '../../support/sink-around.ts';
import { problemsIn, readLetter, type Letter } from './letter.ts';

/** What the server does next, instead of what it is asked. */
type Trick =
  | {
      readonly at: 'connect' | 'login' | 'sender' | 'recipient';
      readonly status: number;
      readonly text: string;
    }
  | { readonly at: 'silence' };

/** A kit with what only mail has. */
export interface EmailKit extends SinkKit {
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof createFakeLog>;
  /** Mails that were taken. */
  readonly letters: readonly (Letter & {
    readonly to: readonly string[];
    readonly user: string | undefined;
  })[];
  /** The next request that comes to this point is answered so. */
  trick(next: Trick): void;
  /** The section of the configuration that leads here. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The sink with other settings. */
  open(different: Readonly<Record<string, unknown>>): SinkKit['sink'];
  /** Connections so far. */
  connections(): number;
}

const password = 'password-canary';
const authority = aCertificate('mail authority');
const own = aCertificate('mail', authority);

/** A mail server that takes mail from those who sign in over TLS, for acme.example, and refuses what is no proper mail. */
export async function startEmailKit(different: SMTPServerOptions = {}): Promise<EmailKit> {
  const letters: EmailKit['letters'][number][] = [];
  const tricks: Trick[] = [];
  let connections = 0;
  /** Does what was asked for at this point, if anything was. */
  const tricked = (at: Trick['at'], answer: (error: Error) => void): boolean => {
    if (tricks[0]?.at !== at) return false;
    const [trick] = tricks.splice(0, 1);
    if (trick && trick.at !== 'silence') answer(refusal(trick.status, trick.text));
    return true;
  };
  const server = new SMTPServer({
    ...{ key: own.key, cert: own.cert, size: 64 * 1024, authMethods: ['PLAIN', 'LOGIN'] },
    ...{ disableReverseLookup: true, closeTimeout: 1, logger: false },
    onConnect: (_session, callback) => {
      connections++;
      if (!tricked('silence', callback) && !tricked('connect', callback)) callback();
    },
    onAuth: (auth, _session, callback) => {
      if (tricked('login', callback)) return;
      if (auth.username === 'updatekate' && auth.password === password)
        callback(null, { user: 'updatekate' });
      else callback(refusal(535, '5.7.8 Authentication credentials invalid'));
    },
    onMailFrom: (_address, _session, callback) => {
      if (!tricked('sender', callback)) callback();
    },
    onRcptTo: ({ address }, _session, callback) => {
      if (tricked('recipient', callback)) return;
      if (address.endsWith('@acme.example')) callback();
      else callback(refusal(550, '5.7.1 Relaying denied'));
    },
    onData: (stream, session, callback) => {
      void buffer(stream).then((raw) => {
        const letter = readLetter(raw);
        const problems = stream.sizeExceeded ? ['too large'] : problemsIn(letter);
        if (problems.length > 0) {
          callback(refusal(554, `5.6.0 ${problems.join(', ')}`));
          return;
        }
        const to = session.envelope.rcptTo.map(({ address }) => address);
        letters.push({ ...letter, to, user: session.user as string | undefined });
        callback(null, 'queued');
      });
    },
    ...different,
  });
  // A client that does not trust us, or goes away, is what some tests are about.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'updatekate-mail-'));
  const caCertFile = join(folder, 'ca.pem');
  writeFileSync(caCertFile, authority.cert);
  const [clock, log] = [createFakeClock(), createFakeLog()];
  const settings = {
    ...{ host: '127.0.0.1', port: (server.server.address() as AddressInfo).port, caCertFile },
    ...{ user: 'updatekate', password: secretText(password) },
    ...{ from: 'Updatekate <updatekate@acme.example>', to: ['ops@acme.example'] },
  };
  const open: EmailKit['open'] = (other) =>
    email.settings.parse({ ...settings, ...other })(sinkAround({ clock, log }));
  return {
    ...{ sink: open({}), secrets: [password], clock, log, letters, settings, open },
    trick: (next) => void tricks.push(next),
    connections: () => connections,
    shown: () => letters.map(({ text }) => text),
    sent: () => JSON.stringify(letters),
    ...{ room: 15_000, shows: () => true },
    setOff: () => letters.filter(({ html }) => html).map(({ text }) => text),
    // SMTP has no way to say for how long.
    refusePace: undefined,
    refuse: () => void tricks.push({ at: 'login', status: 535, text: `5.7.8 Bad credentials: ${password}` }),
    fail: (times) =>
      void tricks.push(...Array<Trick>(times).fill({ at: 'connect', status: 421, text: 'Not now' })),
    silence: () => void tricks.push({ at: 'silence' }),
    close: () =>
      new Promise((resolve) => {
        rmSync(folder, { recursive: true });
        server.close(() => resolve());
      }),
  };
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
