import { AppError, messageOf } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import type { Handshake } from '../core/registry.ts';
import type { Sender } from './authentication/index.ts';
import { isSnsAddress } from './authentication/sns-address.ts';

export interface HandshakeOptions {
  /** Gets an address; rejects when the answer is no 2xx. */
  confirm(url: string, signal: AbortSignal): Promise<unknown>;
  readonly log: Log;
}

/** How long a confirmation may take: SNS waits fifteen seconds for our answer. */
const patienceMs = 5000;

/**
 * Does what a sender asks for that sets up a subscription, and answers 200. What is not done is no fault of the sender
 * that calling again would mend: it is told in the log.
 *
 * @throws AppError `unavailable` when the address to be fetched does not answer as it should: the sender tries again.
 */
export async function shakeHands(
  options: HandshakeOptions,
  wish: Handshake,
  sender: Sender,
  isDry: boolean,
): Promise<unknown> {
  if (wish.kind === 'answer') return wish.body;
  const obstacle = isDry ? undefined : obstacleTo(wish.url, sender);
  if (obstacle !== undefined) options.log.warn({ reason: obstacle }, 'subscription not confirmed');
  if (!isDry && obstacle === undefined) await confirm(options, wish.url);
  return { pushes: [], decisions: [], updates: [] };
}

function obstacleTo(url: string, sender: Sender): string | undefined {
  if (!isSnsAddress(url) && !isOracleAddress(url))
    return 'the address to be fetched is not one of SNS or of Oracle Notifications';
  return sender === 'known'
    ? undefined
    : 'the source is open: nobody has proved to be allowed to subscribe it';
}

/** https://docs.oracle.com/en-us/iaas/Content/Notification/Tasks/confirm-subscription.htm */
function isOracleAddress(text: string): boolean {
  const url = URL.parse(text);
  return (
    url?.protocol === 'https:' &&
    /^(?:[a-z0-9-]+\.)?notification\.[a-z0-9-]+\.(?:oci\.)?oraclecloud\.com$/.test(url.host) &&
    url.username + url.password === ''
  );
}

async function confirm({ confirm: get, log }: HandshakeOptions, url: string): Promise<void> {
  try {
    await get(url, AbortSignal.timeout(patienceMs));
  } catch (cause) {
    const message = `the subscription cannot be confirmed: ${messageOf(cause)}`;
    throw new AppError('unavailable', message, { cause, retryAfterMs: 30_000 });
  }
  log.info({}, 'subscription confirmed');
}
