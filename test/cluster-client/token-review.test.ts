import { afterEach, describe, expect, test } from '@jest/globals';
import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import { createKubernetesUsers } from '../../src/cluster/token-review.ts';
import type { KubernetesUser, KubernetesUsers } from '../../src/core/kubernetes-user.ts';
import {
  hangUp,
  json,
  silence,
  startCaptureServer,
  type Answer,
  type CaptureServer,
} from '../support/capture-server.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

const token = 'token-canary';
const never = new AbortController().signal;
const ann: KubernetesUser = {
  ...{ username: 'ann', uid: 'u-1', groups: ['ops'], extra: { scopes: ['a'] } },
};
const place = { name: 'up-1', namespace: 'shop' };
let server: CaptureServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Started {
  readonly users: KubernetesUsers;
  readonly requests: CaptureServer['requests'];
  readonly clock: FakeClock;
}

async function start(...answers: readonly Answer[]): Promise<Started> {
  server = await startCaptureServer(...answers);
  const clock = createFakeClock();
  const users = createKubernetesUsers(createRest(connect({ kind: 'url', url: server.url }), clock, 10_000));
  return { users, requests: server.requests, clock };
}

const review = (status: unknown): Answer => json(201, { kind: 'TokenReview', status });
const refused = (code: number): Answer => json(code, { kind: 'Status', code, message: 'it is forbidden' });
const lastBody = ({ requests }: Started): unknown => JSON.parse(requests.at(-1)?.body ?? '');

describe('whoHas', () => {
  test('asks for a review of the token, with no audience', async () => {
    const started = await start(review({ authenticated: true, user: ann }));

    expect(await started.users.whoHas(token, never)).toEqual(ann);
    expect(started.requests[0]).toMatchObject({
      ...{ method: 'POST', url: '/apis/authentication.k8s.io/v1/tokenreviews' },
    });
    expect(lastBody(started)).toEqual({
      ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    });
  });

  test.each([
    ['is nobody’s', { error: 'invalid bearer token' }],
    ['is nobody’s, with a user all the same', { authenticated: false, user: ann }],
    ['is said to be right, and no user is named', { authenticated: true }],
    ['is of a user without a name', { authenticated: true, user: { groups: ['ops'] } }],
    ['is taken for none', { authenticated: true, user: { username: 'system:anonymous' } }],
    ['is not judged', {}],
  ])('a token that %s gives nobody', async (_what, status) => {
    const { users } = await start(review(status));

    expect(await users.whoHas(token, never)).toBeUndefined();
  });

  test.each([[undefined], [null]])('a user without groups (%p) has none', async (groups) => {
    const { users } = await start(review({ authenticated: true, user: { username: 'ann', groups } }));

    expect(await users.whoHas(token, never)).toEqual({ username: 'ann', groups: [] });
  });

  test.each(['', '\u0085', 'a b', 'täken', 'a\0'])(
    '%j can be no token, and nobody is asked',
    async (text) => {
      const { users, requests } = await start(review({ authenticated: true, user: ann }));

      expect(await users.whoHas(text, never)).toBeUndefined();
      expect(requests).toHaveLength(0);
    },
  );
});

describe('may', () => {
  test.each([true, false])('asks for this verb on this update as this user: %p', async (allowed) => {
    const started = await start(json(201, { status: { allowed } }));

    expect(await started.users.may(ann, 'approve', place, never)).toBe(allowed);
    expect(started.requests[0]).toMatchObject({
      ...{ method: 'POST', url: '/apis/authorization.k8s.io/v1/subjectaccessreviews' },
    });
    expect(lastBody(started)).toEqual({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        ...{ user: 'ann', uid: 'u-1', groups: ['ops'], extra: { scopes: ['a'] } },
        resourceAttributes: {
          ...{ group: 'updatekate.dev', version: 'v1alpha1', resource: 'imageupdates' },
          ...{ verb: 'approve', namespace: 'shop', name: 'up-1' },
        },
      },
    });
  });

  test.each([[{}], [{ allowed: true, denied: true }]])('an answer of %j is a no', async (status) => {
    const { users } = await start(json(201, { status }));

    expect(await users.may(ann, 'override', place, never)).toBe(false);
  });

  test('says no more of a user than is known', async () => {
    const started = await start(json(201, { status: {} }));

    await started.users.may({ username: 'ann', groups: [] }, 'get', place, never);

    const { spec } = lastBody(started) as { readonly spec: object };
    expect(Object.keys(spec).sort()).toEqual(['groups', 'resourceAttributes', 'user']);
  });
});

const questions: readonly (readonly [string, (users: KubernetesUsers) => Promise<unknown>])[] = [
  ['whoHas', (users) => users.whoHas(token, never)],
  ['may', (users) => users.may(ann, 'approve', place, never)],
];

describe.each(questions)('%s', (_name, ask) => {
  test.each([
    ['forbids us to ask', refused(403), /the ClusterRole system:auth-delegator, which k8s\/kubernetes-votes/],
    ['does not know us', refused(401), /answered 401/],
    ['has no such API', refused(404), /answered 404/],
    ['is broken', refused(500), /answered 500/],
    ['hangs up', hangUp, /no answer/],
    ['answers something else', json(200, { kind: 'Status' }), /the answer is no (Token|SubjectAccess)Review/],
    ['answers no JSON', json(200, undefined), /no answer|the answer is no/],
  ])('lets nobody in when the API server %s', async (_what, answer, why) => {
    const { users } = await start(answer);

    const error: unknown = await ask(users).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringMatching(why) as unknown });
    expect(String(error)).not.toContain('canary');
  });

  test('waits for no answer longer than any call does', async () => {
    const { users, clock, requests } = await start(silence);
    const asked = ask(users).catch((thrown: unknown) => thrown);
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));

    await clock.advance(10_000);

    expect(await asked).toMatchObject({ code: 'unavailable' });
  });
});
