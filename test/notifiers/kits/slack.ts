import { createSlackClient } from '../../../src/lib/slack/client.ts';
import { slack as slackModule } from '../../../src/notifiers/slack.ts';
import type { SinkKit } from '../../contract/sink.ts';
import { createFakeLog } from '../../support/fake-log.ts';
import { calledIn } from '../../support/fake-slack/block-rules.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import type { FakeMessage, Workspace } from '../../support/fake-slack/workspace.ts';
import { sinkAround } from '../../support/sink-around.ts';

/** A kit, and the workspace that it posts to. */
export interface SlackKit extends SinkKit {
  readonly slack: FakeSlack;
  /** Of all that are opened. */
  readonly log: ReturnType<typeof createFakeLog>;
  /** Another process with the same settings, or others. */
  open(settings?: Readonly<Record<string, unknown>>): SinkKit['sink'];
}

/** Slack on this machine, with the sink in front of it. */
export async function startSlackKit(changes: Partial<Workspace> = {}): Promise<SlackKit> {
  const slack = await startFakeSlack(changes);
  const log = createFakeLog();
  const client = createSlackClient({ token: slack.workspace.botToken, apiUrl: slack.apiUrl });
  const open: SlackKit['open'] = (settings = { channel: '#deploys' }) =>
    slackModule.settings.parse(settings)(sinkAround({ slack: client, log }));
  return {
    ...{ slack, log, open, sink: open(), secrets: [slack.workspace.botToken] },
    shown: () => slack.messages().map(shownOf),
    setOff: () => slack.messages().flatMap(setOffBy),
    sent: () => JSON.stringify(slack.workspace.calls),
    ...{ room: 10_000, shows: () => true },
    refusePace: (retryAfterSeconds) =>
      slack.fail('chat.postMessage', { kind: 'rate-limited', retryAfterSeconds }),
    refuse: () => slack.fail('chat.postMessage', { kind: 'error', error: 'token_revoked' }),
    fail: (times) =>
      slack.fail(
        'conversations.list',
        ...Array.from({ length: times }, () => ({ kind: 'status', status: 503 }) as const),
      ),
    silence: () => slack.fail('conversations.list', { kind: 'silence' }),
    close: () => slack.close(),
  };
}

interface ShownBlock {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly { readonly text: string }[];
}

const blocksOf = ({ blocks }: FakeMessage): readonly ShownBlock[] => blocks as readonly ShownBlock[];

/** Plain text is shown as it is, but for the three signs; anything else is markup, and would not come out so. */
function shownOf(message: FakeMessage): string {
  return blocksOf(message)
    .map(({ text }) => (text?.type === 'plain_text' ? text.text : ''))
    .filter((text) => text !== '')
    .join('\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** A link of the sink's own below the text calls nobody up. */
function setOffBy(message: FakeMessage): readonly string[] {
  const texts = blocksOf(message).map(({ text }) => text?.text ?? '');
  const links = blocksOf(message).flatMap(({ elements = [] }) => elements.map(({ text }) => text));
  return [
    ...[message.text, ...texts].flatMap(calledIn),
    ...links.flatMap(calledIn).filter((inside) => !inside.startsWith('https://argo.example/till/shop?')),
  ];
}
