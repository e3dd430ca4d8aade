import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { createWebhookRequester, type ApprovalRequest } from '../../src/approvals/webhook.ts';
import { readVoteLink } from '../../src/core/vote-link.ts';
import type { VoteLinkSettings } from '../../src/core/vote-addresses.ts';
import { createHttp } from '../../src/lib/http.ts';
import { startCaptureServer, status, type CaptureServer } from '../support/capture-server.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { anAskedUpdate, askedAt, aVote, voted } from '../support/slack-parts.ts';

const { signal } = new AbortController();
const key = Buffer.alloc(32, 7);
const settings: VoteLinkSettings = { keys: [Buffer.alloc(32, 9)], publicUrl: 'https://kate.example' };
const approvers = ['ann@acme.example', 'U0ADA0001', 'token:ci', 'group:ops'];

let server: CaptureServer;
beforeEach(async () => {
  server = await startCaptureServer(status(204));
});
afterEach(() => server.close());

/** With the real time, which the library that checks signatures goes by. */
function aRequester(links: VoteLinkSettings | undefined, at = new Date()) {
  const clock = createFakeClock(at);
  const http = createHttp({ clock, timeoutMs: 60_000, retries: 0, minDelayMs: 0, userAgent: 'updatekate' });
  const link = () => 'https://more.example/';
  return createWebhookRequester({ url: server.url, keys: [key], http, clock, links, link });
}

const bodies = () => server.requests.map(({ body }) => JSON.parse(body) as ApprovalRequest);

describe('the approval webhook', () => {
  test('gets the links of everyone whom his entry alone names, and each does what it says', async () => {
    const update = anAskedUpdate({ approvers, requester: 'eve' });

    await aRequester(settings, askedAt).tell(update, 'update.awaiting-approval', signal);

    const [body] = bodies();
    expect(body).toMatchObject({
      ...{ type: 'update.awaiting-approval', update: update.name, requester: 'eve' },
      ...{ link: 'https://more.example/', image: 'quay.io/acme/shop:1.1.0' },
      approval: { hash: update.approval?.hash, approvers },
    });
    const read = body?.links.map(({ voter, approve, reject }) => [
      voter,
      ...[approve, reject].map((link) => readVoteLink(link.split('/vote/')[1] ?? '', settings.keys, askedAt)),
    ]);
    expect(read).toMatchObject([
      ['ann@acme.example', { link: { vote: 'approve' } }, { link: { vote: 'reject' } }],
      ['token:ci', { link: { vote: 'approve' } }, { link: { vote: 'reject' } }],
    ]);
  });

  test('is signed, over retries with the same id', async () => {
    const requester = aRequester(undefined);
    const open = anAskedUpdate({ deadlineAt: new Date(Date.now() + 60_000).toISOString() });
    await requester.tell(open, 'update.awaiting-approval', signal);
    await requester.tell(open, 'update.awaiting-approval', signal);

    const checked = server.requests.map(({ body, headers }) =>
      new Webhook(key.toString('base64')).verify(body, headers as Record<string, string>),
    );
    expect(checked).toMatchObject([{ links: [] }, { links: [] }]);
    expect(new Set(server.requests.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([`${open.name}-awaiting-approval`]),
    );
  });

  test('gets no links of what is decided, or too late', async () => {
    const rejected = voted(anAskedUpdate({ approvers }), aVote({ vote: 'reject' }));
    const deadline = new Date(askedAt.getTime() + 3_600_000);

    await aRequester(settings, askedAt).tell(rejected, 'update.rejected', signal);
    const late = await aRequester(settings, deadline).tell(
      anAskedUpdate({ approvers }),
      'update.awaiting-approval',
      signal,
    );

    expect(late).toEqual({ kind: 'sent' });
    expect(bodies()).toMatchObject([{ type: 'update.rejected', links: [] }]);
  });

  test('that is gone is told nothing more; of what never happened there is nothing to say', async () => {
    await server.close();
    server = await startCaptureServer(status(410));
    const requester = aRequester(settings, askedAt);

    const gone = await requester.tell(anAskedUpdate(), 'update.awaiting-approval', signal);
    const never = await requester.tell(anAskedUpdate(), 'update.failed', signal);

    expect([gone, never]).toMatchObject([{ kind: 'abandoned' }, { kind: 'abandoned' }]);
    expect(server.requests).toHaveLength(1);
  });
});
