import { afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { startApprovals, tokens, type ApprovalsApp, type FakeUsers } from './approvals-app.ts';

const users: FakeUsers = {
  'kubernetes-carol': { user: { username: 'carol@acme.example', groups: ['ops'] }, may: ['approve'] },
  'kubernetes-root': { user: { username: 'root', groups: [] }, may: ['get', 'approve', 'override'] },
  'kubernetes-reader': { user: { username: 'reader', groups: [] }, may: ['get'] },
  'kubernetes-nobody': { user: { username: 'nobody', groups: [] }, may: [] },
};
let app: ApprovalsApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(...options: Parameters<typeof startApprovals>): Promise<ApprovalsApp> {
  app = await startApprovals(...options);
  return app;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const json = async (response: Response): Promise<Readonly<Record<string, unknown>>> =>
  (await response.json()) as Readonly<Record<string, unknown>>;
const errorOf = async (response: Response): Promise<unknown> => (await json(response)).error;
const at = '2026-01-01T00:00:00.000Z';
const moves = [
  { container: 'app', init: false, from: 'quay.io/acme/shop:1.0.0', to: 'quay.io/acme/shop:1.1.0' },
];

describe('votes', () => {
  test('of two people deliver what two are wanted for, and not before', async () => {
    const { vote, harness, name, record } = await start();

    const first = await vote('approve', tokens.ann, { reason: 'looks good' });
    expect(first.status).toBe(200);
    expect(await json(first)).toEqual({
      ...{ update: name, phase: 'AwaitingApproval', state: 'pending', votes: 2 },
      given: [{ by: 'ann', vote: 'approve', at, via: 'api', reason: 'looks good' }],
    });
    expect([harness.cluster.patches.length, (await record()).phase]).toEqual([0, 'AwaitingApproval']);

    const second = await vote('approve', tokens.bob);
    expect(await json(second)).toMatchObject({
      ...{ state: 'approved', votes: 2, given: [{ by: 'ann' }, { by: 'bob' }] },
    });
    expect(harness.cluster.get(keyOf()).containers[0]?.image).toBe('quay.io/acme/shop:1.1.0');
  });

  test('of one person count once', async () => {
    const { vote, harness } = await start();

    await vote('approve', tokens.ann);
    const again = await vote('approve', tokens.ann);

    expect(again.status).toBe(409);
    expect(await errorOf(again)).toMatchObject({ code: 'conflict', reason: 'voted-already' });
    expect(harness.cluster.patches).toEqual([]);
  });

  test('that say no are the end', async () => {
    const { vote, record } = await start();

    const no = await vote('reject', tokens.bob, { reason: 'not\n\t on  Friday ' });

    expect(await json(no)).toMatchObject({ phase: 'Rejected', state: 'rejected' });
    expect(await record()).toMatchObject({ phase: 'Rejected', message: 'rejected by bob: not on Friday' });
  });

  test('of the administrator release alone, with a reason only', async () => {
    const { vote, harness } = await start();

    const without = await vote('override', tokens.admin, { reason: ' ' });
    const asOneOfMany = await vote('approve', tokens.admin);
    const patches = harness.cluster.patches.length;
    const released = await vote('override', tokens.admin, { reason: 'the shop is down' });

    expect([without.status, await errorOf(without)]).toEqual([
      400,
      expect.objectContaining({ code: 'bad-request', reason: 'reason-missing' }),
    ]);
    expect([asOneOfMany.status, patches]).toEqual([403, 0]);
    expect(await json(released)).toMatchObject({
      state: 'approved',
      given: [{ by: 'admin', vote: 'override' }],
    });
    expect(harness.cluster.patches).toHaveLength(1);
  });

  test('of users of Kubernetes count as their rights say', async () => {
    const { vote, record, harness, name } = await start({ users });

    const none = await vote('approve', 'kubernetes-nobody');
    const reader = await vote('approve', 'kubernetes-reader');
    const over = await vote('override', 'kubernetes-carol', { reason: 'now' });
    const carol = await vote('approve', 'kubernetes-carol');

    expect([none.status, reader.status, over.status, carol.status]).toEqual([404, 403, 403, 200]);
    expect(await errorOf(none)).toEqual({ code: 'not-found', message: `there is no update ${name}` });
    expect((await record()).approval?.given).toMatchObject([
      {
        ...{ vote: 'approve', via: 'kubernetes' },
        by: { id: 'carol@acme.example', name: 'carol@acme.example', email: 'carol@acme.example' },
      },
    ]);
    await vote('override', 'kubernetes-root', { reason: 'now' });
    expect(harness.cluster.patches).toHaveLength(1);
  });
});

describe('a refused vote', () => {
  test.each([
    ['by somebody who is not asked', 'approve', tokens.mallory, {}, 403, 'forbidden', 'not-an-approver'],
    [
      'to release, by an approver',
      'override',
      tokens.ann,
      { reason: 'x' },
      403,
      'forbidden',
      'override-not-allowed',
    ],
    ['for something else', 'approve', tokens.ann, { hash: 'f'.repeat(32) }, 409, 'conflict', 'other-request'],
  ])('%s is answered with its reason', async (_what, kind, token, body, status, code, reason) => {
    const { vote, record } = await start();

    const answer = await vote(kind, token, body);

    expect(answer.status).toBe(status);
    expect(await errorOf(answer)).toEqual({ code, reason, message: expect.any(String) as unknown });
    expect((await record()).approval?.given).toEqual([]);
  });

  test.each([
    [
      ...(['after a no', 'decided'] as const),
      async ({ vote }: ApprovalsApp) => {
        await vote('reject', tokens.bob);
      },
    ],
    [
      ...(['after the deadline', 'expired'] as const),
      async ({ harness }: ApprovalsApp) => harness.clock.advance(86_400_000),
    ],
    [
      ...(['for one that a newer push took the place of', 'superseded'] as const),
      async ({ harness }: ApprovalsApp) => {
        await harness.push('1.2.0');
        await harness.settle();
      },
    ],
  ])('%s is a 409: %s', async (_what, reason, before) => {
    const started = await start();
    await before(started);

    const answer = await started.vote('approve', tokens.ann);

    expect([answer.status, await errorOf(answer)]).toEqual([
      409,
      expect.objectContaining({ code: 'conflict', reason }),
    ]);
    expect(started.harness.cluster.patches).toEqual([]);
  });

  test.each([
    ['for something else', { hash: 'f'.repeat(32) }],
    ['for a reason', { reason: 'x' }],
  ])('%s, by who may not see the update, does not tell him that it is there', async (_what, body) => {
    const { vote, name, record, harness } = await start({ users });

    const answers = [
      await vote('approve', 'kubernetes-nobody', body),
      await vote('override', 'kubernetes-nobody', body),
    ];

    for (const answer of answers)
      expect([answer.status, await errorOf(answer)]).toEqual([
        404,
        { code: 'not-found', message: `there is no update ${name}` },
      ]);
    expect((await record()).approval?.given).toEqual([]);
    // His try is known here all the same.
    expect(harness.log.lines.filter(({ message }) => message === 'vote refused')).toHaveLength(2);
  });

  test('is no secret to who may only override, and asks nothing more of Kubernetes', async () => {
    const root = { user: { username: 'boss', groups: [] }, may: ['override'] } as const;
    const { vote, name, reviews } = await start({ users: { 'kubernetes-boss': root } });

    const without = await vote('override', 'kubernetes-boss');

    expect(await errorOf(without)).toMatchObject({ reason: 'reason-missing' });
    expect(reviews).toEqual([`override default/${name}`]);
  });

  test('for an update nobody knows is a 404', async () => {
    const { post } = await start();

    const answer = await post('/api/v1/updates/up-0/approve', { hash: 'x' }, bearer(tokens.ann));

    expect([answer.status, await errorOf(answer)]).toEqual([
      404,
      { code: 'not-found', message: 'there is no update up-0' },
    ]);
  });

  test.each([
    ['no body', ''],
    ['no JSON', 'junk'],
    ['a list', '[]'],
    ['no hash', '{}'],
    ['a hash that is none', '{"hash": 1}'],
    ['an empty hash', '{"hash": ""}'],
    ['a key that means nothing', '{"hash": "x", "vote": "approve"}'],
    ['a reason that is no text', '{"hash": "x", "reason": ["x"]}'],
    ['a reason that is too long', JSON.stringify({ hash: 'x', reason: 'x'.repeat(1001) })],
  ])('with %s is a 400', async (_what, body) => {
    const { post, name, record } = await start();

    const answer = await post(`/api/v1/updates/${name}/approve`, body, bearer(tokens.ann));

    expect(answer.status).toBe(400);
    expect((await record()).approval?.given).toEqual([]);
  });

  test('with a body over the limit is a 413', async () => {
    const { vote } = await start();

    expect((await vote('approve', tokens.ann, { reason: 'x'.repeat(17_000) })).status).toBe(413);
  });

  test.each(['approve', 'reject', 'override'])('%s by another method is a 405', async (kind) => {
    const { get, name } = await start();

    const answer = await get(`/api/v1/updates/${name}/${kind}`, bearer(tokens.ann));

    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test.each([
    ['unavailable', 503],
    // What the store's server forbids us is not what we forbid the caller.
    ['forbidden', 503],
  ] as const)('with the store %s says nothing about the inside', async (code, status) => {
    const broken = () => Promise.reject(new AppError(code, 'sqlite: canary'));
    let away: object = {};
    const { get, post, vote, name } = await start({
      around: (context) => ({
        ...context,
        store: new Proxy(context.store, {
          get: (store, key) => Reflect.get({ ...store, ...away }, key) as unknown,
        }),
      }),
    });

    away = { replace: broken };
    const answers = [await vote('approve', tokens.ann)];
    away = { get: broken, open: broken };
    answers.push(await post(`/api/v1/updates/${name}/approve`, { hash: 'x' }, bearer(tokens.ann)));
    for (const path of ['/api/v1/approvals', `/api/v1/updates/${name}`])
      answers.push(await get(path, bearer(tokens.ann)));

    expect(answers.map((answer) => answer.status)).toEqual([status, status, status, status]);
    for (const answer of answers) expect(await answer.text()).not.toContain('canary');
  });
});

describe('what there is to vote on', () => {
  const shown = {
    workload: keyOf(),
    ...{ repository: 'quay.io/acme/shop', tag: '1.1.0', digest: null, moves },
    ...{ phase: 'AwaitingApproval', reason: 'approval', createdAt: at },
    ...{ state: 'pending', votes: 2, given: [], approvers: ['token:ann', 'token:bob', 'rbac'] },
    ...{ requester: null, requesterMayApprove: false, deadlineAt: '2026-01-02T00:00:00.000Z' },
  };

  test('is listed with all that a person decides by, and the hash that a vote must name', async () => {
    const { get, name, record, vote } = await start();
    const { approval } = await record();

    const listed = await get('/api/v1/approvals', bearer(tokens.ann));
    const one = await get(`/api/v1/updates/${name}`, bearer(tokens.ann));

    const { approvals } = (await json(listed)) as { readonly approvals: readonly unknown[] };
    const message = '0 of 2 approvals, until 2026-01-02T00:00:00.000Z';
    expect(approvals).toEqual([{ name, ...shown, message, hash: approval?.hash }]);
    expect(await json(one)).toEqual(approvals[0]);
    expect(listed.headers.get('cache-control')).toBe('no-store');
    expect((await vote('approve', tokens.ann, { hash: approval?.hash })).status).toBe(200);
  });

  test('is not listed any more when it is decided, and still shown', async () => {
    const { get, name, vote } = await start();
    await vote('reject', tokens.ann);

    const listed = await get('/api/v1/approvals', bearer(tokens.bob));
    const one = await get(`/api/v1/updates/${name}`, bearer(tokens.bob));

    expect(await json(listed)).toEqual({ approvals: [], continue: null });
    expect(await json(one)).toMatchObject({ phase: 'Rejected', state: 'rejected', given: [{ by: 'ann' }] });
  });

  test('is shown without votes where nobody is asked', async () => {
    const { get, name } = await start({ workloads: [aWorkload()] });

    const one = await json(await get(`/api/v1/updates/${name}`, bearer(tokens.ann)));

    expect(one).toMatchObject({ name, moves });
    for (const key of ['state', 'votes', 'given', 'hash']) expect(one).not.toHaveProperty(key);
  });

  test.each([
    ['kubernetes-reader', 200],
    ['kubernetes-carol', 200],
    ['kubernetes-nobody', 404],
    [tokens.mallory, 200],
  ])('is shown to whoever may see it, and nobody else learns that it is there: %s', async (token, status) => {
    const { get, name } = await start({ users });

    const one = await get(`/api/v1/updates/${name}`, bearer(token));
    const listed = await json(await get('/api/v1/approvals', bearer(token)));

    expect(one.status).toBe(status);
    expect(listed.approvals).toHaveLength(status === 200 ? 1 : 0);
    if (status === 404)
      expect(await errorOf(one)).toEqual({ code: 'not-found', message: `there is no update ${name}` });
  });

  test('is changed by no GET', async () => {
    const { get, name, harness, record } = await start();
    const before = await record();

    for (const path of ['approvals', `updates/${name}`, `updates/${name}/approve`, `updates/${name}/reject`])
      await get(`/api/v1/${path}?hash=${before.approval?.hash ?? ''}`, bearer(tokens.ann));
    await harness.settle();

    expect(await record()).toEqual(before);
  });

  test.each(['/api/v1/approvals', '/api/v1/updates/up-1'])('%s by POST is a 405', async (path) => {
    const { post } = await start();

    const answer = await post(path, {}, bearer(tokens.ann));

    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('without a token that is right', () => {
  test.each([
    ['/api/v1/approvals', 'GET'],
    ['/api/v1/updates/up-0', 'GET'],
    ['/api/v1/updates/up-0/approve', 'POST'],
    ['/api/v1/updates/up-0/reject', 'POST'],
    ['/api/v1/updates/up-0/override', 'POST'],
  ])('%s is refused in the same words, whether the update is there or not', async (path, method) => {
    const { url, name } = await start({ users });
    const ask = (where: string, headers: Readonly<Record<string, string>>) =>
      fetch(`${url}${where}`, { method, headers, ...(method === 'POST' ? { body: 'junk' } : {}) });

    for (const where of [path, path.replace('up-0', name)]) {
      for (const headers of [
        {},
        bearer('x'.repeat(20)),
        { authorization: `Basic ${btoa(`ann:${tokens.ann}`)}` },
      ]) {
        const answer = await ask(where, headers);
        expect([answer.status, await errorOf(answer)]).toEqual([
          401,
          { code: 'unauthorized', message: 'the secret is missing or wrong' },
        ]);
      }
    }
  });

  test('nothing of it is in the log', async () => {
    const { vote, get, name, lines } = await start();

    await vote('approve', tokens.ann);
    await vote('approve', `${tokens.ann}x`);
    await get(`/api/v1/updates/${name}?token=${tokens.ann}`);
    await get('/api/v1/approvals', { authorization: `Basic ${tokens.ann}` });

    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join('')).not.toContain('canary');
  });
});
