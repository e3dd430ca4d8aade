import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failuresPerAddress } from '../../src/http/limits.ts';
import { startApprovals, tokens, type ApprovalsApp } from './approvals-app.ts';

/** A request for a vote, as it goes out. */
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const right = [tokens.ann, tokens.bob];
const kind = fc.constantFrom('approve', 'reject');
let app: ApprovalsApp;
let hash = '';

beforeAll(async () => {
  let ms = 0;
  // So slow that no request is refused for those before it.
  app = await startApprovals({ nowMs: () => (ms += failuresPerAddress.windowMs) });
  hash = (await app.record()).approval?.hash ?? '';
});
afterAll(() => app.close());

function aVote(vote: string, token: string): Sent {
  return {
    method: 'POST',
    path: `/api/v1/updates/${app.name}/${vote}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ hash }),
  };
}

/** The text with one character put, taken or changed; never the same text. */
const edited = (of: () => string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.nat(200),
      fc.constantFrom('put', 'take', 'change'),
      fc.constantFrom(...Array.from('abcxyz0189-_.{}[]":, ')),
    )
    .map(([at, how, character]) => {
      const text = of();
      const index = at % text.length;
      const rest = text.slice(how === 'put' ? index : index + 1);
      return `${text.slice(0, index)}${how === 'take' ? '' : character}${rest}`;
    });

type Mutation = fc.Arbitrary<(sent: Sent, token: string) => Sent | undefined>;
const authorization = (sent: Sent, value: string): Sent => ({
  ...sent,
  headers: { ...sent.headers, authorization: value },
});

const mutations: Readonly<Record<string, Mutation>> = {
  'the token changed': edited(() => right[0] ?? '').map((changed) => (sent) => {
    return Object.values<string>(tokens).includes(changed.trim())
      ? undefined
      : authorization(sent, `Bearer ${changed}`);
  }),
  'the token missing': fc
    .constantFrom('', 'Bearer', 'Bearer ', 'bearer  ')
    .map((value) => (sent) => authorization(sent, value)),
  'another scheme': fc.constantFrom('Basic', 'Digest', 'Token', 'Bearer:', 'BearerX', '').map((scheme) => {
    return (sent, token) => authorization(sent, `${scheme} ${token}`.trim());
  }),
  'the token elsewhere': fc
    .constantFrom('query', 'x-api-key', 'cookie', 'body')
    .map((where) => (sent, token) => {
      const headers = { 'content-type': 'application/json' };
      if (where === 'query')
        return { ...sent, headers, path: `${sent.path}?token=${token}&access_token=${token}` };
      if (where === 'body') return { ...sent, headers, body: JSON.stringify({ hash, token }) };
      return { ...sent, headers: { ...headers, [where]: token } };
    }),
  'the hash changed': edited(() => hash).map((changed) => (sent) => {
    return changed === hash ? undefined : { ...sent, body: JSON.stringify({ hash: changed }) };
  }),
  'the name changed': edited(() => app.name).map((changed) => (sent) => {
    const path = sent.path.replace(app.name, encodeURIComponent(changed));
    return changed === app.name ? undefined : { ...sent, path };
  }),
  'the body changed': fc
    .oneof(
      edited(() => JSON.stringify({ hash })),
      fc.json(),
      fc.string(),
    )
    .map((body) => (sent) => (asksForIt(body) ? undefined : { ...sent, body })),
  'the method changed': fc
    .constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')
    .map((method) => (sent) => ({ ...sent, method })),
  'the vote changed': fc
    .constantFrom('override', 'approve2', 'Approved', 'vote', '')
    .map((vote) => (sent) => {
      return { ...sent, path: sent.path.replace(/[a-z]+$/, vote) };
    }),
};

/** Whether a body is one that rightly counts: bytes left over behind the value are passed over. */
function asksForIt(body: string): boolean {
  return new RegExp(`^\\s*\\{\\s*"hash"\\s*:\\s*"${hash}"\\s*\\}[^{["]*$`).test(body);
}

async function send({ method, path, headers, body }: Sent): Promise<number> {
  const bodyless = method === 'GET' || method === 'HEAD';
  const answer = await fetch(`${app.url}${path}`, { method, headers, ...(bodyless ? {} : { body }) });
  await answer.arrayBuffer();
  return answer.status;
}

describe('a request for a vote with', () => {
  test.each(Object.entries(mutations))('%s counts no vote', async (_what, mutation) => {
    await fc.assert(
      fc.asyncProperty(mutation, kind, fc.constantFrom(...right), async (mutate, vote, token) => {
        const sent = mutate(aVote(vote, token), token);
        fc.pre(sent !== undefined);

        const status = await send(sent);

        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).not.toBe(429);
        const { phase, approval } = await app.record();
        expect([phase, approval?.given]).toEqual(['AwaitingApproval', []]);
      }),
      { numRuns: 150 },
    );
  });

  // Only now: the vote that all of these were made from does count.
  test('nothing changed counts', async () => {
    expect(await send(aVote('approve', tokens.ann))).toBe(200);
    expect((await app.record()).approval?.given).toHaveLength(1);
  });
});
