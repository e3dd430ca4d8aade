import { App, LogLevel, type Logger, type Receiver } from '@slack/bolt';
import type { Log } from '../../core/ports.ts';
import { slackConnection } from '../../lib/slack/client.ts';
import type { VoteTaker } from './take-votes.ts';

export interface SlackAppOptions {
  /** Slack's own when undefined. */
  readonly apiUrl: string | undefined;
  readonly votes: Pick<VoteTaker, 'click' | 'message'>;
  readonly log: Log;
}

/** Bolt with our two listeners over one of its receivers. It gets no token: we call Slack ourselves. */
export function createSlackApp({ apiUrl, votes, log }: SlackAppOptions, receiver: Receiver): App {
  const app = new App({
    receiver,
    // Whom a payload belongs to is checked by us, click by click.
    authorize: () => Promise.resolve({}),
    ...{ convoStore: false, ignoreSelf: false, logger: quietLogger(log) },
    clientOptions: slackConnection(apiUrl),
  });
  app.action({ type: 'block_actions' }, async ({ ack, body }) => {
    // Slack waits three seconds: everything else comes after. Bolt itself acknowledges events so.
    await ack();
    await votes.click(body);
  });
  app.event('message', ({ body }) => votes.message(body));
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
