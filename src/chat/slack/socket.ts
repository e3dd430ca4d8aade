import { SocketModeReceiver } from '@slack/bolt';
import { retryDelayMs } from '../../core/backoff.ts';
import { messageOf } from '../../core/errors.ts';
import type { ElectionListener } from '../../core/leadership.ts';
import type { Clock } from '../../core/ports.ts';
import { deadline, sleep } from '../../core/wait.ts';
import { orAborted } from '../../lib/or-aborted.ts';
import { createProxyDispatcher } from '../../lib/proxy-dispatcher.ts';
import type { Proxies } from '../../lib/proxy.ts';
import { slackConnection } from '../../lib/slack/client.ts';
import { slackError } from '../../lib/slack/problems.ts';
import { createSlackApp, quietLogger, type SlackAppOptions } from './app.ts';

export interface SlackSocketOptions extends SlackAppOptions {
  readonly appToken: string;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** What goes through a proxy; nothing when undefined. */
  readonly proxies?: Proxies | undefined;
}

const [firstWaitMs, longestWaitMs, steadyMs] = [1000, 300_000, 30_000];
const [openMs, closeMs] = [20_000, 2000];

/**
 * Holds a Socket Mode connection until `signal` fires, and a new one whenever Slack or the network ends it. We
 * reconnect, not the library: its own way may end the process (an unhandled rejection) when the token was revoked.
 */
export async function runSlackSocket(options: SlackSocketOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, log } = options;
  let failures = 0;
  while (!stopped(signal)) {
    const startedMs = clock.monotonicMs();
    const problem = await session(options, signal).then(() => undefined, why);
    if (stopped(signal)) return;
    // Slack ends connections every few hours. One that ends at once will end again.
    failures = clock.monotonicMs() - startedMs >= steadyMs ? 0 : failures + 1;
    if (problem !== undefined) log.warn({ message: problem, failures }, 'slack: no connection for clicks');
    const waitMs = failures === 0 ? 0 : retryDelayMs(failures, firstWaitMs, longestWaitMs, random());
    await sleep(clock, waitMs, signal).catch(() => undefined);
  }
}

/** A function, so that it is asked anew after every wait. */
function stopped(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** One connection, from its opening to its end; throws when it could not be opened or was cut. */
async function session(options: SlackSocketOptions, signal: AbortSignal): Promise<void> {
  const { appToken, apiUrl, clock, log, proxies } = options;
  const connections = proxies && createProxyDispatcher(proxies);
  const receiver = new SocketModeReceiver({
    ...{ appToken, autoReconnectEnabled: false, logger: quietLogger(log) },
    ...(connections ? { dispatcher: connections.dispatcher } : {}),
    installerOptions: { clientOptions: slackConnection(apiUrl) },
  });
  createSlackApp(options, receiver);
  const { client } = receiver;
  const ended = Promise.withResolvers<'asked' | 'cut'>();
  client.on('disconnected', () => ended.resolve('cut'));
  // Slack says so before it closes: the next connection need not wait for the end of this one.
  client.on('ws_message', (data: unknown) => {
    if (typeof data === 'string' && /^\s*\{"type":"disconnect"/.test(data)) ended.resolve('asked');
  });
  const limit = deadline(clock, openMs, signal);
  const stop = (): void => ended.resolve('asked');
  const starting = receiver.start();
  try {
    await orAborted(starting, limit.signal);
    limit.lift();
    log.info({}, 'slack: connected for clicks');
    signal.addEventListener('abort', stop, { once: true });
    if ((await ended.promise) === 'cut') throw new Error('the connection was cut');
  } finally {
    limit.done();
    signal.removeEventListener('abort', stop);
    // A connection that opens after all is closed too.
    const closed = starting.then(
      () => client.disconnect(),
      () => undefined,
    );
    await Promise.race([closed.catch(() => undefined), sleep(clock, closeMs, new AbortController().signal)]);
    // The library does not know them, and would leave one whose other end is silent.
    connections?.destroy();
  }
}

/** The library rejects with nothing at all when a connection ends before it is greeted. */
function why(error: unknown): string {
  const said = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
  if (typeof said === 'object' && said !== null && 'error' in said && typeof said.error === 'string')
    return slackError({ method: 'apps.connections.open', error: said.error }).message;
  return error === undefined ? 'the connection was cut before it was greeted' : messageOf(error);
}

/** Runs something while this replica leads, one run at a time. */
export function whileLeading(run: (signal: AbortSignal) => Promise<void>): ElectionListener & {
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
} {
  let term = new AbortController();
  let last = Promise.resolve();
  return {
    acquired() {
      const { signal } = (term = new AbortController());
      last = last.then(() => run(signal)).catch(() => undefined);
    },
    lost: () => term.abort(),
    settled: () => last,
  };
}
