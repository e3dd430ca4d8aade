import { createWebhookRequester } from '../../src/approvals/webhook.ts';
import { createHttp } from '../../src/lib/http.ts';
import { askedAt, type RequesterKit } from '../contract/requester.ts';
import { hangUp, silence, startCaptureServer, status, type Answer } from '../support/capture-server.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { boardWords, createFakeRequester, isUndecided } from '../support/fake-requester.ts';
import { startFakeSlack } from '../support/fake-slack/index.ts';
import { slackParts } from '../support/slack-parts.ts';

/** Every requester of `src/approvals`, by the name of its file, and the one that tests use; each in its surroundings. */
export const requesterKits: Readonly<Record<string, () => Promise<RequesterKit>>> = {
  slack: startSlackKit,
  webhook: startWebhookKit,
  fake: startFakeKit,
};

async function startSlackKit(): Promise<RequesterKit> {
  const slack = await startFakeSlack();
  const { requester } = slackParts(slack);
  return {
    requester,
    secrets: [slack.workspace.botToken],
    seen() {
      // The result of a rollout is a reply to its request: people read both together.
      const all = slack.messages();
      return all
        .filter(({ threadTs }) => threadTs === undefined)
        .map((request) => {
          const thread = all.filter(({ threadTs }) => threadTs === request.ts);
          const words = JSON.stringify([request, ...thread]);
          return { words, decidable: JSON.stringify(request.blocks).includes('"actions"') };
        });
    },
    cutAfter: () => slack.fail('chat.postMessage', { kind: 'cut-after' }),
    refuse: (retryAfterSeconds) =>
      slack.fail('chat.postMessage', { kind: 'rate-limited', retryAfterSeconds }),
    silence: () => slack.fail('conversations.history', { kind: 'silence' }),
    close: () => slack.close(),
  };
}

async function startWebhookKit(): Promise<RequesterKit> {
  const mishaps: { readonly answer: Answer; readonly taken: boolean }[] = [];
  /** What a receiver makes of it that knows each message by its id. */
  const taken = new Map<string, string>();
  const server = await startCaptureServer((response, request) => {
    const mishap = mishaps.shift();
    if (mishap?.taken ?? true) taken.set(String(request.headers['webhook-id']), request.body);
    (mishap?.answer ?? status(204))(response, request);
  });
  const clock = createFakeClock(askedAt);
  const http = createHttp({ clock, timeoutMs: 60_000, retries: 0, minDelayMs: 0, userAgent: 'updatekate' });
  const keys = [Buffer.alloc(32, 7)];
  const links = { keys: [Buffer.alloc(32, 9)], publicUrl: 'https://kate.acme.example' } as const;
  const url = `${server.url}/hook-canary`;
  return {
    requester: createWebhookRequester({ url, keys, http, clock, links, link: () => undefined }),
    secrets: ['hook-canary', ...[...keys, ...links.keys].map((key) => key.toString('base64'))],
    seen() {
      const bodies = [...taken.values()].map((body) => JSON.parse(body) as { readonly update: string });
      return [...Map.groupBy(bodies, ({ update }) => update).values()].map((all) => ({
        words: JSON.stringify(all),
        decidable: JSON.stringify(all.at(-1)).includes('/vote/'),
      }));
    },
    cutAfter: () => void mishaps.push({ answer: hangUp, taken: true }),
    refuse: (seconds) =>
      void mishaps.push({ answer: status(429, { 'retry-after': String(seconds) }), taken: false }),
    silence: () => void mishaps.push({ answer: silence, taken: false }),
    close: () => server.close(),
  };
}

function startFakeKit(): Promise<RequesterKit> {
  const requester = createFakeRequester();
  return Promise.resolve({
    ...{ requester, secrets: [] },
    seen: () =>
      [...requester.board.values()].map((update) => ({
        words: boardWords(update),
        decidable: isUndecided(update),
      })),
    cutAfter: () => requester.next({ kind: 'cut' }),
    refuse: (seconds) => requester.next({ kind: 'refuse', retryAfterMs: seconds * 1000 }),
    silence: () => requester.next({ kind: 'silence' }),
    close: () => Promise.resolve(),
  });
}
