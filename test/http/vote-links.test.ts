import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import fc from 'fast-check';
import { signVoteLink, type VoteLink } from '../../src/core/vote-link.ts';
import { castVote } from '../../src/flows/vote.ts';
import { errorHandler } from '../../src/http/errors.ts';
import { listen } from '../../src/http/server.ts';
import { voteLinkRoutes, type VoteLinkOptions } from '../../src/http/vote-links.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createHarness, type Harness } from '../support/harness.ts';

const key = Buffer.alloc(32, 7);
const adminToken = 'token-of-the-administrator';
const image = 'quay.io/acme/shop:1.1.0';

/** The routes over real flows: an update of a workload that wants two approvals. */
async function start() {
  const annotations = {
    'updatekate.dev/policy': 'semver',
    'updatekate.dev/approvals': '2',
    'updatekate.dev/approvers': 'ann@acme.example, Bob@Acme.example, eve@acme.example',
  };
  const harness = createHarness({ workloads: [aWorkload({ annotations })] });
  const [name = ''] = (await harness.push('1.1.0')).updates;
  await harness.settle();
  const { context, clock, log } = harness;
  const app = express();
  const options: VoteLinkOptions = {
    ...{ keys: [key], publicUrl: 'https://updatekate.example/', now: () => clock.now() },
    find: async (wanted) => (await context.store.get(wanted))?.update,
    vote: (wanted, ballot) => castVote({ ...context, wake: harness.reconciler.wake }, wanted, ballot),
  };
  app.use(voteLinkRoutes(options, adminToken), errorHandler(log));
  const server = await listen(app, 0);
  const update = (await context.store.get(name))?.update;
  const made: VoteLink = {
    ...{ update: name, hash: update?.approval?.hash ?? '', vote: 'approve', voter: 'ann@acme.example' },
    untilS: clock.now().getTime() / 1000 + 86_400,
  };
  return { harness, server, made, name };
}

let running: { harness: Harness; server: Server; made: VoteLink; name: string };

beforeEach(async () => {
  running = await start();
});

afterEach(() => {
  running.server.closeAllConnections();
  running.server.close();
});

function call(method: string, link: string): Promise<Response> {
  const { port } = running.server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}/vote/${link}`, { method, redirect: 'error' });
}

const linkFor = (different: Partial<VoteLink> = {}): string =>
  signVoteLink({ ...running.made, ...different }, key);

async function given() {
  const stored = await running.harness.context.store.get(running.name);
  return stored?.update.approval?.given.map(({ by, vote, via }) => [by.id, vote, via]);
}

describe('looking at a link', () => {
  test('shows what would be approved, as whom, and one button; and changes nothing', async () => {
    const answers = [
      await call('GET', linkFor()),
      await call('GET', linkFor()),
      await call('HEAD', linkFor()),
    ];

    const text = (await answers[0]?.text()) ?? '';
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(text).toContain('app: quay.io/acme/shop:1.0.0 -&gt; quay.io/acme/shop:1.1.0');
    expect(text).toContain('as ann@acme.example');
    expect(text.match(/<button/g)).toHaveLength(1);
    expect(answers[0]?.headers.get('cache-control')).toBe('no-store');
    expect(await given()).toEqual([]);
  });

  test('text of others is text', async () => {
    const voter = 'kubernetes:<script>alert(1)</script>&"\'';

    const text = await (await call('GET', linkFor({ voter }))).text();

    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39; is no approver');
    expect(text).not.toContain('<script>');
  });

  test('of what is decided, or is something else by now, says so', async () => {
    const other = await call('GET', linkFor({ hash: 'another' }));
    const none = await call('GET', linkFor({ update: 'up-none' }));

    expect([other.status, none.status]).toEqual([409, 404]);
    expect(await other.text()).not.toContain('<button');
  });

  test('of somebody who is not asked has no button', async () => {
    const answer = await call('GET', linkFor({ voter: 'mallory@acme.example' }));

    expect(answer.status).toBe(409);
    expect(await answer.text()).not.toContain('<button');
  });

  test.each(['U0123ABCD', 'group:ops', 'ann'])(
    'for %s, who is not known to be one person, is none of ours',
    async (voter) => {
      const answers = [await call('GET', linkFor({ voter })), await call('POST', linkFor({ voter }))];

      expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    },
  );
});

describe('the button', () => {
  test('counts one vote of the person that the link was made for; two people release the update', async () => {
    const first = await call('POST', linkFor());
    expect([first.status, await given()]).toEqual([200, [['ann@acme.example', 'approve', 'link']]]);
    expect(running.harness.cluster.patches).toEqual([]);

    const second = await call('POST', linkFor({ voter: 'Bob@Acme.example' }));
    await running.harness.settle();

    expect(second.status).toBe(200);
    expect(await second.text()).toContain('It is approved now.');
    expect(running.harness.cluster.get(keyOf()).containers[0]?.image).toBe(image);
  });

  test('pressed twice at once counts once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => call('POST', linkFor())));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await given()).toHaveLength(1);
  });

  test('of a link to reject is the end', async () => {
    const answer = await call('POST', linkFor({ vote: 'reject' }));

    expect(answer.status).toBe(200);
    expect(await given()).toEqual([['ann@acme.example', 'reject', 'link']]);
  });

  test('of a link for somebody who is no approver counts nothing', async () => {
    expect((await call('POST', linkFor({ voter: 'mallory@acme.example' }))).status).toBe(409);
    expect(await given()).toEqual([]);
  });

  test('after the deadline counts nothing', async () => {
    await running.harness.clock.advance(86_400_000);

    expect((await call('POST', linkFor())).status).toBe(410);
    expect(await given()).toEqual([]);
  });

  test('of an update that is gone is a 404, also where it goes just then', async () => {
    const { store } = running.harness.context;
    const before = await call('POST', linkFor({ update: 'up-none' }));
    const get = store.get.bind(store);
    let reads = 0;
    store.get = (name) => (reads++ === 0 ? get(name) : Promise.resolve(undefined));
    const justThen = await call('POST', linkFor());

    expect([before.status, justThen.status]).toEqual([404, 404]);
  });

  test('of what has expired while the link is still good is a 410', async () => {
    const { store } = running.harness.context;
    const stored = await store.get(running.name);
    if (!stored) throw new Error('no update');
    await store.replace({ ...stored.update, phase: 'Expired' }, stored.revision);

    const answers = [await call('GET', linkFor()), await call('POST', linkFor())];

    expect(answers.map(({ status }) => status)).toEqual([410, 410]);
  });

  test('of a store that cannot be reached is no vote, and no fault of the voter', async () => {
    const { store } = running.harness.context;
    store.get = () => Promise.reject(new Error('away'));

    expect((await call('POST', linkFor())).status).toBe(500);
  });
});

describe('a link that has been used', () => {
  /** Every way to press it again; the letters of an address count in neither case. */
  const again = async (): Promise<readonly number[]> => {
    const links = [linkFor(), linkFor({ voter: 'Ann@acme.example' })];
    const answers = await Promise.all(links.flatMap((link) => [call('POST', link), call('GET', link)]));
    for (const answer of answers) expect(await answer.text()).not.toContain('<button');
    return answers.map(({ status }) => status);
  };
  const all = (status: number) => [status, status, status, status];

  test('counts nothing more, and has no button, while others are still waited for', async () => {
    await call('POST', linkFor());

    expect(await again()).toEqual(all(409));
    expect(await (await call('POST', linkFor())).text()).toContain('ann@acme.example has approved');
    expect(await given()).toEqual([['ann@acme.example', 'approve', 'link']]);
  });

  test('nor after the update was approved', async () => {
    await call('POST', linkFor());
    await call('POST', linkFor({ voter: 'Bob@Acme.example' }));
    await running.harness.settle();

    expect(await again()).toEqual(all(409));
    expect(running.harness.cluster.patches).toHaveLength(1);
  });

  test('nor after the update was rejected', async () => {
    await call('POST', linkFor());
    await call('POST', linkFor({ vote: 'reject' }));

    expect(await again()).toEqual(all(409));
    expect((await given())?.map(([, vote]) => vote)).toEqual(['approve', 'reject']);
  });

  test('nor for the update that takes its place', async () => {
    await call('POST', linkFor());
    const { updates } = await running.harness.push('1.2.0');
    await running.harness.settle();

    expect(await again()).toEqual(all(409));
    const newer = await running.harness.context.store.get(updates[0] ?? '');
    expect(newer?.update.approval?.given).toEqual([]);
  });

  test('nor when the record was trimmed and people are asked about the same once more', async () => {
    await call('POST', linkFor());
    const { store } = running.harness.context;
    const stored = await store.get(running.name);
    await store.remove(running.name, stored?.revision ?? '');
    await running.harness.clock.advance(5000);
    const { updates } = await running.harness.push('1.1.0');
    await running.harness.settle();

    expect(updates).toEqual([running.name]);
    expect((await store.get(running.name))?.update.approval?.hash).toBe(running.made.hash);
    expect(await again()).toEqual(all(409));
    expect(await given()).toEqual([]);
  });
});

describe('the order of links', () => {
  const order = (body: unknown, token = adminToken, name = running.name): Promise<Response> => {
    const { port } = running.server.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}/api/v1/updates/${name}/links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  };

  test('gives an approver two addresses, which do what they say', async () => {
    const answer = await order({ voter: 'ann@acme.example' });
    const { until, approve, reject } = (await answer.json()) as Record<string, string>;

    expect([answer.status, until]).toEqual([201, '2026-01-02T00:00:00.000Z']);
    const start = 'https://updatekate.example/vote/';
    expect([approve, reject].map((link) => link?.slice(0, start.length))).toEqual([start, start]);
    await call('POST', approve?.slice(start.length) ?? '');
    await call('POST', reject?.slice(start.length) ?? '');
    expect((await given())?.map(([, vote]) => vote)).toEqual(['approve', 'reject']);
  });

  test.each([
    ['another token', { voter: 'ann@acme.example' }, 'wrong', 401, 'unauthorized'],
    ['somebody who may not approve', { voter: 'mallory@acme.example' }, adminToken, 409, 'conflict'],
    ['nobody', {}, adminToken, 400, 'bad-request'],
    ['more than it takes', { voter: 'ann@acme.example', vote: 'approve' }, adminToken, 400, 'bad-request'],
  ])('for %s is refused', async (_what, body, token, status, code) => {
    const answer = await order(body, token);

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
  });

  test('of what is not there, or decided, is refused', async () => {
    const none = await order({ voter: 'ann@acme.example' }, adminToken, 'up-none');
    await call('POST', linkFor({ vote: 'reject' }));
    const decided = await order({ voter: 'ann@acme.example' });

    expect([none.status, decided.status]).toEqual([404, 409]);
  });
});

test('no other method, and no link that was changed anywhere, gets a vote in', async () => {
  const good = linkFor();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length - 1),
      fc.constantFrom('A', 'b', '3', '-', '_', '.'),
      fc.constantFrom('POST', 'GET'),
      async (at, character, method) => {
        fc.pre(good[at] !== character);
        const changed = good.slice(0, at) + character + good.slice(at + 1);
        expect((await call(method, changed)).status).toBe(403);
      },
    ),
    { numRuns: 200 },
  );
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    expect((await call(method, good)).status).toBe(405);
  expect(await given()).toEqual([]);
});
