import { z } from 'zod';
import { allowedSecret, secret } from '../../core/secret-text.ts';
import { section } from '../../core/section.ts';
import type { Mailbox } from './letter.ts';

const ways = ['starttls', 'implicit', 'none'] as const;
const usualPorts: Readonly<Record<(typeof ways)[number], number>> = {
  starttls: 587,
  implicit: 465,
  none: 25,
};
/** What a server must take at least: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.8 */
const mostRecipients = 100;

const allowedHost = 'the name or address of a mail server';
const allowedPort = 'a port, 1 to 65535';
const allowedUser = 'a name to sign in with, in one line';
const allowedFile = 'the path of a file';
const allowedMailbox = 'an address like ops@acme.example, or Updatekate <ops@acme.example>';
const allowedTo = `a list of 1 to ${mostRecipients} addresses`;

/** ASCII only and nothing quoted: what every server takes. A line break, or a second address, fits nowhere. */
const address = "[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?";
const bare = new RegExp(`^${address}$`, 'i');
const named = new RegExp(`^(?<name>[^\\p{C}\\p{Zl}\\p{Zp}<>"\\\\]{1,100}?) *<(?<address>${address})>$`, 'iu');

const mailbox = z.string(allowedMailbox).transform((text, context): Mailbox => {
  if (bare.test(text)) return { name: '', address: text };
  const { name, address } = named.exec(text)?.groups ?? {};
  if (name !== undefined && address !== undefined) return { name, address };
  context.addIssue({ code: 'custom', message: allowedMailbox });
  return z.NEVER;
});

/** How mails are sent: the section `email` of a notifier. */
export const EmailSettings = section({
  host: z.string(allowedHost).regex(/^[a-z0-9:][a-z0-9.:_-]{0,252}$/i, allowedHost),
  port: z.int(allowedPort).min(1, allowedPort).max(65_535, allowedPort).optional(),
  tls: z.enum(ways, ways.join(', ')).default('starttls'),
  user: z
    .string(allowedUser)
    .regex(/^\P{C}{1,320}$/u, allowedUser)
    .optional(),
  password: secret('one line of text', z.string().regex(/^\P{C}+$/u)).optional(),
  from: mailbox,
  to: z.array(mailbox, allowedTo).min(1, allowedTo).max(mostRecipients, allowedTo),
  caCertFile: z.string(allowedFile).min(1, allowedFile).optional(),
})
  .superRefine(({ port, tls, user, password }, context) => {
    const wrong = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (user !== undefined && password === undefined) wrong('password', allowedSecret);
    if (user === undefined && password !== undefined) wrong('user', `${allowedUser}, as there is a password`);
    if (user !== undefined && tls === 'none')
      wrong('tls', 'starttls, implicit: a password is not sent in the clear');
    // Of which nothing would be heard for half a minute: https://www.rfc-editor.org/rfc/rfc8314#section-7.3
    if (tls === 'starttls' && port === usualPorts.implicit)
      wrong('tls', `implicit: port ${port} speaks TLS from the start`);
  })
  .transform((given) => ({ ...given, port: given.port ?? usualPorts[given.tls] }));
export type EmailSettings = z.output<typeof EmailSettings>;
