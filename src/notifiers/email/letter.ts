import type { SendMailOptions } from 'nodemailer';
import { cutToFit } from '../../core/cut-to-fit.ts';
import { oneLine } from '../../core/one-line.ts';
import type { Message } from '../../core/ports.ts';

/** Somebody's address, with the name that mail programs show. */
export interface Mailbox {
  /** Empty = none. */
  readonly name: string;
  readonly address: string;
}

/**
 * Three bytes for each of them when they are encoded: with its header the mail stays below the 64 KiB that every server
 * takes, https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.7.
 */
const maxTextBytes = 16_000;
const maxSubjectLength = 200;

/**
 * The mail that brings a message, as nodemailer takes it. It has the same Message-ID however often it is tried, and all
 * about one rollout refers to the same one, which makes them a thread: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4
 */
export function letterOf(
  { notice, text }: Message,
  { from, to }: { readonly from: Mailbox; readonly to: readonly Mailbox[] },
  now: Date,
): SendMailOptions {
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  const thread = messageId(notice.thread, domain);
  const [headline = ''] = text.split('\n');
  return {
    ...{ from: { ...from }, to: to.map((mailbox) => ({ ...mailbox })), date: now },
    subject: oneLine(headline, maxSubjectLength) || notice.kind,
    ...{ messageId: messageId(notice.id, domain), inReplyTo: thread, references: thread },
    priority: notice.severity === 'error' ? 'high' : 'normal',
    // Or the answering machines of those on holiday would answer: https://www.rfc-editor.org/rfc/rfc3834#section-5
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: cutToFit(text, (part) => Buffer.byteLength(part) <= maxTextBytes),
    // The other ways break long lines, and with them links.
    textEncoding: 'quoted-printable',
  };
}

function messageId(id: string, domain: string): string {
  return `<${id.replace(/[^\w.-]/g, '_')}@${domain}>`;
}
