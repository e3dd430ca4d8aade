import type { Request } from 'express';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KubernetesUsers } from '../../src/core/kubernetes-user.ts';
import { tokenReviews } from '../../src/http/limits.ts';
import { createVoters, tokenHolders, type Voters } from '../../src/http/voters.ts';
import { anUpdate } from '../support/builders.ts';

const adminToken = 'admin-token-canary';
const annToken = 'ann-token-canary-1';
const newToken = 'ann-token-canary-2';
const signal = new AbortController().signal;
const update = anUpdate();
const holders = tokenHolders(adminToken, new Map([['ann', [annToken, newToken]]]));
const unauthorized = { code: 'unauthorized', message: 'the secret is missing or wrong' };

/** A request as far as it is looked at. */
function from(headers: Readonly<Record<string, string>>): Request {
  return { headers, params: {}, query: {}, get: (name: string) => headers[name] } as unknown as Request;
}
const bearing = (token: string): Request => from({ authorization: `Bearer ${token}` });
const known = (voters: Voters, token: string) => voters.identify(bearing(token), signal);

/** Kubernetes that knows one token, and lets its user do one thing; what it is asked is kept. */
function aKubernetes(knows: string): KubernetesUsers & { readonly asked: readonly unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    whoHas(token) {
      asked.push(token);
      return Promise.resolve(token === knows ? { username: 'eve', groups: ['ops'] } : undefined);
    },
    may({ username }, verb, place) {
      asked.push([username, verb, place]);
      return Promise.resolve(verb === 'approve');
    },
  };
}

describe('tokens of ours', () => {
  test('of the administrator release alone, and are no approval by Kubernetes', async () => {
    const identity = await known(createVoters(holders), adminToken);

    expect(identity).toMatchObject({
      ...{ person: { id: 'token:admin', name: 'admin' }, names: ['token:admin'], via: 'api' },
    });
    expect(await rights(identity)).toEqual({ get: true, approve: false, override: true });
    expect([await identity.mayAll('get', 'any'), await identity.mayAll('approve', 'any')]).toEqual([
      true,
      false,
    ]);
  });

  test.each([annToken, newToken])('of a person say who it is and no more: %s', async (token) => {
    const identity = await known(createVoters(holders), token);

    expect(identity).toMatchObject({
      ...{ person: { id: 'token:ann', name: 'ann' }, names: ['token:ann'], via: 'api' },
    });
    expect(await rights(identity)).toEqual({ get: true, approve: false, override: false });
  });

  test('that two people share stop the start, unsaid', () => {
    const shared = () => tokenHolders(undefined, new Map([...namedTokens(annToken), ['bob', [annToken]]]));
    const ofAdmin = () => tokenHolders(annToken, namedTokens(annToken));

    const wrong = (who: string) => ({
      code: 'bad-config',
      message: `UK_APPROVAL_TOKENS=*** is not allowed: ${who} have the same token: give everyone one of his own`,
    });
    expect(shared).toThrow(expect.objectContaining(wrong('ann and bob')));
    expect(ofAdmin).toThrow(expect.objectContaining(wrong('admin and ann')));
  });

  test('are nobody’s when they are not to the letter', async () => {
    const voters = createVoters(holders);
    const tokens = [adminToken, annToken, newToken];

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...tokens),
        fc.nat(17),
        fc.string({ maxLength: 3 }),
        async (token, at, put) => {
          const changed = `${token.slice(0, at)}${put}${token.slice(at + 1)}`;
          fc.pre(!tokens.includes(changed.trim()));

          await expect(known(voters, changed)).rejects.toMatchObject(unauthorized);
        },
      ),
    );
  });
});

describe('who asks', () => {
  test.each([
    ['nothing', {}],
    ['an empty header', { authorization: '' }],
    ['the bare token', { authorization: annToken }],
    ['a scheme without a token', { authorization: 'Bearer ' }],
    ['Basic', { authorization: `Basic ${Buffer.from(`ann:${annToken}`).toString('base64')}` }],
    ['another scheme', { authorization: `Token ${annToken}` }],
    ['more than a token', { authorization: `Bearer ${annToken} ${annToken}` }],
    ['another header', { 'x-api-key': annToken }],
  ])('with %s is nobody, and Kubernetes is not asked', async (_what, headers) => {
    const kubernetes = aKubernetes(annToken);

    await expect(createVoters(holders, kubernetes).identify(from(headers), signal)).rejects.toMatchObject(
      unauthorized,
    );
    expect(kubernetes.asked).toEqual([]);
  });

  test('with a token in the path or the query is nobody', async () => {
    const request = { headers: {}, params: { token: annToken }, query: { token: annToken } };

    await expect(createVoters(holders).identify(request as unknown as Request, signal)).rejects.toMatchObject(
      unauthorized,
    );
  });

  test('is told why when nobody at all may vote', async () => {
    await expect(known(createVoters([]), annToken)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('UK_APPROVAL_TOKENS') as unknown,
    });
  });
});

describe('tokens of Kubernetes', () => {
  const token = 'kubernetes-token';

  test('say who it is; what he may is asked for the namespace of the workload', async () => {
    const kubernetes = aKubernetes(token);

    const identity = await known(createVoters([], kubernetes), token);

    expect(identity).toMatchObject({
      person: { id: 'kubernetes:eve', name: 'eve' },
      names: ['kubernetes:eve', 'eve', 'group:ops'],
      via: 'kubernetes',
    });
    expect(await rights(identity)).toEqual({ get: false, approve: true, override: false });
    expect(kubernetes.asked[2]).toEqual(['eve', 'approve', { name: update.name, namespace: 'default' }]);
  });

  test('that Kubernetes does not know are refused in the same words', async () => {
    await expect(known(createVoters(holders, aKubernetes(token)), `${token}x`)).rejects.toMatchObject(
      unauthorized,
    );
  });

  test('are asked about only where no token of ours is right: ours never leave', async () => {
    const kubernetes = aKubernetes(token);
    const voters = createVoters(holders, kubernetes);

    expect(await known(voters, annToken)).toMatchObject({ via: 'api' });
    expect(kubernetes.asked).toEqual([]);
  });

  test('may be for all updates of a namespace, which is asked without a name', async () => {
    const kubernetes = aKubernetes(token);

    const identity = await known(createVoters([], kubernetes), token);

    expect([await identity.mayAll('approve', 'shop'), await identity.mayAll('get', 'shop')]).toEqual([
      true,
      false,
    ]);
    expect(kubernetes.asked.slice(1)).toEqual([
      ['eve', 'approve', { name: '', namespace: 'shop' }],
      ['eve', 'get', { name: '', namespace: 'shop' }],
    ]);
  });

  test('are asked about so often and no more, which is no refusal; tokens of ours are in nobody’s way', async () => {
    const time = { ms: 0 };
    const kubernetes = aKubernetes(token);
    const voters = createVoters(holders, kubernetes, () => time.ms);
    for (let number = 0; number < tokenReviews.most; number++)
      await expect(known(voters, `wrong-${number}`)).rejects.toMatchObject(unauthorized);

    time.ms = tokenReviews.windowMs - 1;
    const refusal = { code: 'unavailable', retryAfterMs: 1 };
    await expect(known(voters, 'wrong')).rejects.toMatchObject(refusal);
    await expect(known(voters, token)).rejects.toMatchObject(refusal);
    expect(await known(voters, adminToken)).toMatchObject({ via: 'api' });
    await expect(voters.identify(from({}), signal)).rejects.toMatchObject(unauthorized);
    expect(kubernetes.asked).toHaveLength(tokenReviews.most);

    time.ms = tokenReviews.windowMs;
    expect(await known(voters, token)).toMatchObject({ via: 'kubernetes' });
  });

  test('let nobody in while Kubernetes cannot be asked', async () => {
    const away: KubernetesUsers = {
      ...{ whoHas: () => Promise.reject(new Error('away')), may: () => Promise.resolve(true) },
    };

    await expect(known(createVoters(holders, away), token)).rejects.toThrow('away');
  });
});

const namedTokens = (token: string) => new Map([['ann', [token]]]);

async function rights({
  may,
}: Awaited<ReturnType<typeof known>>): Promise<Readonly<Record<string, boolean>>> {
  return {
    get: await may('get', update),
    approve: await may('approve', update),
    override: await may('override', update),
  };
}
