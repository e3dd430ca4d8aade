import { afterEach, describe, expect, test } from '@jest/globals';
import { askedFor } from '../../src/core/approval.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { startApprovals, tokens, type ApprovalsApp, type FakeUsers } from './approvals-app.ts';

const start = new Date('2026-01-01T00:00:00Z');
const rules = {
  ...{ votes: 1, approvers: ['token:ann', 'rbac'], deadlineMs: 60_000, requesterMayApprove: false },
};
let app: ApprovalsApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** An update that waits, beside the one that every app has: later than that, and than those before it. */
function waiting(number: number, namespace = 'shop', approvers: readonly string[] = rules.approvers): Update {
  const made = anUpdate({
    name: `up-${number}`,
    workload: { ...keyOf(`web-${number}`), namespace },
    createdAt: new Date(start.getTime() + number).toISOString(),
  });
  const approval = askedFor(made, { ...rules, approvers }, start);
  return { ...enter(made, 'AwaitingApproval', start), approval };
}

async function startWith(updates: readonly Update[], users: FakeUsers = {}): Promise<ApprovalsApp> {
  app = await startApprovals({ users });
  await app.harness.context.store.create(updates);
  return app;
}

interface Page {
  readonly names: readonly string[];
  readonly next: string | null;
}

async function pageOf({ get }: ApprovalsApp, query: string, token: string = tokens.ann): Promise<Page> {
  const answer = await get(`/api/v1/approvals${query}`, { authorization: `Bearer ${token}` });
  expect(answer.status).toBe(200);
  const { approvals, continue: next } = (await answer.json()) as {
    readonly approvals: readonly { readonly name: string }[];
    readonly continue: string | null;
  };
  return { names: approvals.map(({ name }) => name), next };
}

describe('GET /api/v1/approvals in pages', () => {
  test('goes on behind the last one seen, though that one and others are decided meanwhile', async () => {
    const started = await startWith([4, 2, 3, 1].map((number) => waiting(number)));
    const { post, harness, name } = started;

    const first = await pageOf(started, '?limit=2');
    for (const decided of ['up-1', 'up-3']) {
      const hash = (await harness.context.store.get(decided))?.update.approval?.hash;
      const path = `/api/v1/updates/${decided}/reject`;
      expect((await post(path, { hash }, { authorization: `Bearer ${tokens.ann}` })).status).toBe(200);
    }
    await harness.context.store.create([waiting(5)]);
    const second = await pageOf(started, `?limit=2&continue=${first.next ?? ''}`);
    const third = await pageOf(started, `?limit=2&continue=${second.next ?? ''}`);

    expect(first.names).toEqual([name, 'up-1']);
    expect(second.names).toEqual(['up-2', 'up-4']);
    expect(third).toEqual({ names: ['up-5'], next: null });
  });

  test('has 100 on a page unless more are wanted', async () => {
    const started = await startWith(Array.from({ length: 120 }, (_, number) => waiting(number + 1)));

    const usual = await pageOf(started, '');
    const more = await pageOf(started, '?limit=500');

    expect([usual.names.length, typeof usual.next]).toEqual([100, 'string']);
    expect([more.names.length, more.next]).toEqual([121, null]);
  });

  test.each([
    ['limit=0', '?limit= is not allowed as it is; allowed: a whole number from 1 to 500, once'],
    ['limit=1&limit=2', '?limit= is not allowed as it is; allowed: a whole number from 1 to 500, once'],
    [
      'continue=x',
      '?continue= is not allowed as it is; allowed: "continue" of the answer before, unchanged and once',
    ],
    ['page=2', '?page= means nothing here; allowed: limit, continue'],
  ])('with ?%s is a 400 that says what is allowed, to who may ask at all', async (query, message) => {
    const { get } = await startWith([]);
    const path = `/api/v1/approvals?${query}`;

    const known = await get(path, { authorization: `Bearer ${tokens.ann}` });
    const stranger = await get(path);

    expect([known.status, await known.json()]).toEqual([400, { error: { code: 'bad-request', message } }]);
    expect(stranger.status).toBe(401);
  });
});

describe('what a user of Kubernetes is listed', () => {
  const carol = { username: 'carol', groups: ['ops'] };
  const many = Array.from({ length: 40 }, (_, number) => waiting(number + 1, number % 2 ? 'shop' : 'till'));
  const may = (...verbs: FakeUsers[string]['may']) => ({ user: carol, may: verbs });
  const token = 'kubernetes-carol';

  test.each([
    ['may look at all', may('get'), 41, ['get default/', 'get shop/', 'get till/']],
    ['may approve in one namespace', { ...may('approve'), namespaces: ['shop'] }, 20, undefined],
    ['may nothing', may(), 0, undefined],
  ])('who %s costs two questions for a namespace at most', async (_what, user, length, asked) => {
    const started = await startWith(many, { [token]: user });

    const { names } = await pageOf(started, '?limit=500', token);

    expect(names).toHaveLength(length);
    const both = ['default', 'till', 'shop'].flatMap((space) => [`get ${space}/`, `approve ${space}/`]);
    expect([...started.reviews].sort()).toEqual(asked ?? both.sort());
  });

  test('is what names him, without a question', async () => {
    const named = waiting(1, 'till', ['group:ops']);
    const started = await startWith([named, waiting(2, 'till')], { [token]: may() });

    expect((await pageOf(started, '', token)).names).toEqual(['up-1']);
  });

  test('is not what he may see by its name alone, which he is shown when he asks for it', async () => {
    const byName = { ...may('get', 'approve'), names: ['up-1'] };
    const started = await startWith([waiting(1)], { [token]: byName });

    const listed = await pageOf(started, '', token);
    const one = await started.get('/api/v1/updates/up-1', { authorization: `Bearer ${token}` });

    expect([listed.names, one.status]).toEqual([[], 200]);
  });

  test('tells in no page that there is more than he may see', async () => {
    const started = await startWith(many, { [token]: { ...may('get'), namespaces: ['default'] } });

    expect(await pageOf(started, '?limit=1', token)).toEqual({ names: [started.name], next: null });
  });
});
