import type { IncomingMessage, ServerResponse } from 'node:http';
import { HTTPReceiver } from '@slack/bolt';
import type { Clock, Metrics } from '../../core/ports.ts';
import { createSlackApp, quietLogger, type SlackAppOptions } from './app.ts';

export interface SlackHttpOptions extends SlackAppOptions {
  readonly signingSecret: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: Pick<Metrics, 'vote'>;
}

/** Takes what Slack posts to `/slack/events`. To be mounted before anything reads the body. */
export type SlackHttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

export const slackEventsPath = '/slack/events';
const windowSeconds = 300;
const mostBytes = 1024 * 1024;
const mostRemembered = 10_000;

/**
 * Clicks over HTTP, signed by Slack over the raw bytes. Bolt checks the signature and that it is not old; that it is
 * not from the future and was not used before is checked here.
 */
export function createSlackHttp(options: SlackHttpOptions): SlackHttpHandler {
  const { signingSecret, clock, log, metrics } = options;
  const receiver = new HTTPReceiver({
    ...{ signingSecret, endpoints: [slackEventsPath], bodyLimit: mostBytes, logger: quietLogger(log) },
    // What no listener takes is answered all the same.
    unhandledRequestHandler({ response }) {
      response.writeHead(404).end();
    },
  });
  createSlackApp(options, receiver);
  /** Signatures, and until when they could be used again. */
  const used = new Map<string, number>();
  const refused = (reason: 'stale' | 'replayed' | 'forged'): void => {
    metrics.vote('slack', reason);
    log.warn({ via: 'slack', reason }, 'vote refused');
  };
  return (request, response) => {
    const nowSeconds = clock.now().getTime() / 1000;
    const [signature, timestamp] = [
      header(request, 'x-slack-signature'),
      header(request, 'x-slack-request-timestamp'),
    ];
    const problem = staleProblem(timestamp, nowSeconds) ?? (used.has(signature) ? 'replayed' : undefined);
    if (problem !== undefined) {
      refused(problem);
      response.writeHead(401, { connection: 'close' }).end();
      return;
    }
    if (isSignature(signature)) remember(used, signature, nowSeconds);
    response.once('close', () => {
      // Only what was taken is remembered: strangers fill no memory, and what got no answer may come again.
      if (!response.writableFinished || response.statusCode >= 400) used.delete(signature);
      if (response.statusCode === 401) refused('forged');
    });
    receiver.requestListener(request, response);
  };
}

function header({ headers }: IncomingMessage, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function staleProblem(timestamp: string, nowSeconds: number): 'stale' | undefined {
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN;
  return Math.abs(nowSeconds - seconds) <= windowSeconds ? undefined : 'stale';
}

/** What anything else would be is refused in any case, and may be as long as a header. */
function isSignature(text: string): boolean {
  return /^v0=[0-9a-f]{64}$/.test(text);
}

function remember(used: Map<string, number>, signature: string, nowSeconds: number): void {
  for (const [old, until] of used) {
    if (until > nowSeconds && used.size < mostRemembered) break;
    used.delete(old);
  }
  used.set(signature, nowSeconds + 2 * windowSeconds);
}
