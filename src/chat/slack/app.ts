import { App, LogLevel, type Logger, type Receiver } from '@slack/bolt';
import { deadline } from '../../core/wait.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { slackConnection } from '../../lib/slack/client.ts';
import { decideByClick, decideByPhrase, type DecideOptions } from './decide.ts';

export interface SlackAppOptions extends DecideOptions {
  readonly apiUrl: string | undefined;
  readonly clock: Clock;
}

/** How long a click may be worked on. It has been acknowledged long before. */
const workMs = 30_000;

/** Bolt with our two listeners over one of its receivers. It gets no token: we call Slack ourselves. */
export function createSlackApp(options: SlackAppOptions, receiver: Receiver, signal: AbortSignal): App {
  const { apiUrl, clock, log } = options;
  const app = new App({
    receiver,
    // Whom a payload belongs to is checked by us, click by click.
    authorize: () => Promise.resolve({}),
    ...{ convoStore: false, ignoreSelf: false, logger: quietLogger(log) },
    clientOptions: slackConnection(apiUrl),
  });
  const work = async (decide: typeof decideByClick, body: unknown): Promise<void> => {
    const limit = deadline(clock, workMs, signal);
    try {
      await decide(options, body, limit.signal);
    } catch (error) {
      options.metrics.vote('slack', 'not-counted');
      log.error({ error }, 'slack: a vote could not be counted');
    } finally {
      limit.done();
    }
  };
  app.action({ type: 'block_actions' }, async ({ ack, body }) => {
    // Slack waits three seconds: everything else comes after.
    await ack();
    await work(decideByClick, body);
  });
  app.event('message', ({ body }) => work(decideByPhrase, body));
  app.error((error) => {
    log.warn({ error }, 'slack: an event was not taken');
    return Promise.resolve();
  });
  return app;
}

/** Bolt's lines: what it warns of, without what came from outside. */
export function quietLogger(log: Log): Logger {
  const nothing = (): void => undefined;
  const said = (...words: readonly unknown[]): void =>
    log.warn({ words: words.map(String).join(' ').slice(0, 300) }, 'slack: bolt says');
  return {
    ...{ debug: nothing, info: nothing, setLevel: nothing, setName: nothing, warn: said, error: said },
    getLevel: () => LogLevel.WARN,
  };
}
