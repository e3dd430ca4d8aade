import { z } from 'zod';
import { AppError, type ErrorCode } from '../../core/errors.ts';
import { oneLine } from '../../core/one-line.ts';
import type { EmailSettings } from './settings.ts';

/** What nodemailer throws, https://nodemailer.com/errors. */
const SmtpError = z.object({
  message: z.string().catch(''),
  code: z.string().optional().catch(undefined),
  /** What it was an answer to, without arguments. */
  command: z.string().optional().catch(undefined),
  /** What the server answered, with its code. */
  response: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
});

/** Answers about the login: https://www.rfc-editor.org/rfc/rfc4954#section-6 */
const ofLogin = [530, 534, 535, 538];
/** Answers of a server that may have been asked too often, or it is something else: the words tell. */
const ofPace = [421, 450, 451, 452];
const paceWords = /too (many|much|quickly|fast|often)|\brate\b|\blimit|throttl|gr[ea]y-?list/i;
const maxLength = 300;

/** Why a mail was not taken, in words for a person, without the password. */
export function refusalOf(error: unknown, settings: EmailSettings): AppError {
  if (error instanceof AppError) return error;
  const { message, code, command, response, responseCode } = SmtpError.catch({
    message: String(error),
  }).parse(error);
  const server = `email: ${settings.host}:${settings.port}`;
  const say = (text: string): string => oneLine(withoutPassword(text, settings), maxLength);
  if (response !== undefined && responseCode !== undefined) {
    const to = command === undefined ? '' : ` (to ${command})`;
    return new AppError(codeOf(responseCode, response), `${server} answered ${say(response)}${to}`);
  }
  const late = code === 'ETIMEDOUT';
  const cure = late ? cureOf(message, settings) : '';
  return new AppError(late ? 'timeout' : 'unavailable', `${server} cannot be used: ${say(message)}${cure}`);
}

/** A port that speaks TLS from the start waits for ours, and we for its greeting. */
function cureOf(message: string, { tls }: EmailSettings): string {
  const isMute = tls !== 'implicit' && message.includes('Greeting never received');
  return isMute ? '; if this port speaks TLS from the start, set tls: implicit' : '';
}

/** Some servers repeat what they were told: the password, alone or as it is sent (RFC 4616). */
function withoutPassword(text: string, { user, password }: EmailSettings): string {
  if (password === undefined) return text;
  const sent = [`\0${user}\0${password}`, password].map((secret) => Buffer.from(secret).toString('base64'));
  return [...sent, password].reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

/** The codes of RFC 5321 4.2.3, and behind them those of RFC 3463, where 5.7 is security and policy. */
function codeOf(status: number, response: string): ErrorCode {
  if (ofLogin.includes(status)) return 'unauthorized';
  if (ofPace.includes(status) && paceWords.test(response)) return 'rate-limited';
  if (status < 500) return 'unavailable';
  return /^\d{3}[ -]5\.7\./.test(response) ? 'forbidden' : 'bad-request';
}
