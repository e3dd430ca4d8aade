import type { IncomingMessage, ServerResponse } from 'node:http';
import { HTTPReceiver } from '@slack/bolt';
import { createSlackApp, quietLogger, type SlackAppOptions } from './app.ts';

export interface SlackHttpOptions extends SlackAppOptions {
  readonly signingSecret: string;
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
export function createSlackHttp(options: SlackHttpOptions, signal: AbortSignal): SlackHttpHandler {
  const { signingSecret, clock, log, metrics } = options;
  const receiver = new HTTPReceiver({
    ...{ signingSecret, endpoints: [slackEventsPath], bodyLimit: mostBytes, logger: quietLogger(log) },
    // What no listener takes is answered all the same.
    unhandledRequestHandler({ response }) {
      response.writeHead(404).end();
    },
  });
  createSlackApp(options, receiver, signal);
  const used = new Map<string, number>();
  return (request, response) => {
    const nowSeconds = clock.now().getTime() / 1000;
    const [signature, timestamp] = [
      header(request, 'x-slack-signature'),
      header(request, 'x-slack-request-timestamp'),
    ];
    const problem = staleProblem(timestamp, nowSeconds) ?? (used.has(signature) ? 'replayed' : undefined);
    if (problem !== undefined) {
      metrics.vote('slack', problem);
      log.warn({ via: 'slack', reason: problem }, 'vote refused');
      response.writeHead(401, { connection: 'close' }).end();
      return;
    }
    forget(used, nowSeconds);
    used.set(signature, nowSeconds + 2 * windowSeconds);
    response.once('finish', () => {
      if (response.statusCode !== 401) return;
      // A signature that is none is not remembered: strangers fill no memory.
      used.delete(signature);
      metrics.vote('slack', 'forged');
      log.warn({ via: 'slack', reason: 'forged' }, 'vote refused');
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

function forget(used: Map<string, number>, nowSeconds: number): void {
  for (const [signature, until] of used) {
    if (until > nowSeconds && used.size <= mostRemembered) return;
    used.delete(signature);
  }
}
