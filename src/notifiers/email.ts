import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../core/errors.ts';
import type { Message, Sink } from '../core/ports.ts';
import { deadline } from '../core/wait.ts';
import { sinkModule } from '../lib/sink-module.ts';
import { letterOf } from './email/letter.ts';
import { refusalOf } from './email/refusal.ts';
import { EmailSettings } from './email/settings.ts';

/** Of one mail, from the first byte to the last. */
const timeoutMs = 60_000;

/** Mail over SMTP, https://www.rfc-editor.org/rfc/rfc5321; a connection for each, as there are few. */
export const email = sinkModule('email', EmailSettings, (settings, { clock, log }): Sink => {
  const { host, port } = settings;
  return {
    async send(message, signal) {
      const limit = deadline(clock, timeoutMs, signal);
      try {
        const refused = await mail(settings, message, clock.now(), limit.signal);
        // The others have it: to try again would tell them twice.
        if (refused.length > 0) log.warn({ host, refused }, 'email: some recipients were refused');
      } catch (error) {
        if (limit.signal.aborted && !signal.aborted)
          throw new AppError('timeout', `email: no answer from ${host}:${port} in time`);
        throw refusalOf(error, settings);
      } finally {
        limit.done();
      }
    },
  };
});

/** Mails it, and says for whom it was not taken while it was for others. */
async function mail(
  settings: EmailSettings,
  message: Message,
  now: Date,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { host, port, tls, user, password, caCertFile } = settings;
  const ca = caCertFile === undefined ? {} : { ca: await authorities(caCertFile, signal) };
  // Half a megabyte of code that nobody needs who mails nothing.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    tls: { ...ca, minVersion: 'TLSv1.2', rejectUnauthorized: true },
    // Without force a server that offers no AUTH would be sent the mail as from anybody.
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' }, forceAuth: true }),
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const { rejected } = await transport.sendMail({ ...letterOf(message, settings, now), signal });
  return rejected;
}

/** Read for every mail, so that a file that was renewed counts. */
async function authorities(path: string, signal: AbortSignal): Promise<string> {
  return readFile(path, { encoding: 'utf8', signal }).catch((cause: unknown) => {
    throw new AppError('bad-config', `email: caCertFile cannot be read: ${messageOf(cause)}`, { cause });
  });
}
