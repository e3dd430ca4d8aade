import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { requestMessage, resultMessage } from '../../../src/approvals/slack/message.ts';
import { enter } from '../../../src/core/update.ts';
import { calledIn, messageProblem } from '../../support/fake-slack/block-rules.ts';
import { anAskedUpdate, askedAt, aVote, voted } from '../../support/slack-parts.ts';

const resolved = { mentions: new Map([['ada@acme.example', '<@U0ADA0001>']]), unknown: [] };
const link = undefined;

/** Every text in it. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

/** What a request for this update calls up or links to. */
function callsOf(update: ReturnType<typeof anAskedUpdate>, mentions = new Map<string, string>()) {
  const { approval } = update;
  if (!approval) throw new Error('nobody was asked');
  const unknown = approval.approvers;
  const message = requestMessage({ update, approval, resolved: { mentions, unknown }, link });
  return { message, calls: textsOf(message).flatMap(calledIn) };
}

const hostile = fc.oneof(
  fc.constantFrom(
    '<!channel>',
    '<!here|x>',
    '<@U0ADA0001>',
    '<https://evil.example|Approve>',
    '`',
    '*_~',
    '&lt;',
    '\n> ',
    '\u202egnp',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 400 }),
);

describe('a request', () => {
  test('calls up the approvers and nobody else', () => {
    const update = anAskedUpdate();
    expect(callsOf(update, resolved.mentions).calls).toEqual(['@U0ADA0001']);
  });

  test('calls up nobody and fits, whatever stands in foreign text', () => {
    const any = fc.record({
      texts: fc.array(hostile, { minLength: 8, maxLength: 8 }),
      approvers: fc.array(hostile, { minLength: 1, maxLength: 60 }),
      moves: fc.array(fc.tuple(hostile, hostile, hostile, fc.boolean()), { minLength: 1, maxLength: 40 }),
    });
    fc.assert(
      fc.property(any, ({ texts, approvers, moves }) => {
        const [
          cluster = '',
          namespace = '',
          name = '',
          requester = '',
          digest = '',
          who = '',
          why = '',
          id = '',
        ] = texts;
        const update = anAskedUpdate(
          {
            approvers,
            requester,
            given: [aVote({ by: { id, name: who, fullName: who }, reason: why })],
            votes: 2,
          },
          {
            workload: { cluster, namespace, kind: 'Deployment', name },
            digest,
            moves: moves.map(([container, from, to, init]) => ({ container, from, to, init })),
          },
        );

        const open = callsOf(update);
        const failed = enter(update, 'Failed', askedAt, { reason: why, message: who });
        const closed = callsOf(failed);
        const result = resultMessage(failed);

        expect([...open.calls, ...closed.calls, ...textsOf(result).flatMap(calledIn)]).toEqual([]);
        expect([open.message, closed.message].map((one) => messageProblem({ ...one }))).toEqual([
          undefined,
          undefined,
        ]);
        expect(textsOf(open.message).some((text) => /[\u202a-\u202e\u2066-\u2069]/.test(text))).toBe(false);
      }),
    );
  });

  test.each(['&', '"', 'x', '\\'])('fits when everything in it is as long as can be, in %j', (sign) => {
    const long = sign.repeat(2000);
    const moves = Array.from({ length: 40 }, () => ({ container: long, init: true, from: long, to: long }));
    const given = Array.from({ length: 20 }, (_, n) =>
      aVote({ by: { id: `${n}`, name: long, fullName: long }, reason: long }),
    );
    const update = anAskedUpdate(
      { approvers: Array.from({ length: 50 }, () => long), requester: long, given, votes: 20 },
      { workload: { cluster: long, namespace: long, kind: 'Deployment', name: long }, digest: long, moves },
    );
    const failed = enter(update, 'Failed', askedAt, { reason: long, message: long });

    const problems = [update, failed].map((one) => messageProblem({ ...callsOf(one).message }));

    expect(problems).toEqual([undefined, undefined]);
  });

  test('has the whole of every new image in it: that is what is approved', () => {
    const to = `registry.example/${'a'.repeat(200)}:${'t'.repeat(128)}@sha256:${'0'.repeat(64)}`;
    const update = anAskedUpdate({}, { moves: [{ container: 'app', init: true, from: 'x', to }] });

    const { message } = callsOf(update);

    expect(JSON.stringify(message)).toContain(to);
    expect(JSON.stringify(message)).toContain('(init)');
  });

  test('says where the rest is when there are too many containers', () => {
    const from = `registry.example/${'a'.repeat(200)}:1`;
    const moves = Array.from({ length: 30 }, (_, n) => ({ container: `c${n}`, init: false, from, to: from }));
    const update = anAskedUpdate({}, { moves });

    const words = JSON.stringify(callsOf(update).message);

    const shown = words.match(/`c\d+`/g) ?? [];
    expect(shown.length).toBeGreaterThan(5);
    expect(words).toContain(`and ${30 - shown.length} more: \`kubectl get imageupdates ${update.name}`);
  });

  test('says who released it past the approvers', () => {
    const update = voted(anAskedUpdate(), aVote({ vote: 'override', reason: 'site is down' }));

    expect(JSON.stringify(callsOf(update).message)).toContain(
      'released by Ada Lovelace without the approvers: site is down',
    );
  });

  test.each([
    ['approved', voted(anAskedUpdate()), 'approved by Ada Lovelace'],
    [
      'rejected',
      voted(anAskedUpdate(), aVote({ vote: 'reject', reason: 'not <!here>' })),
      'rejected by Ada Lovelace: not &lt;!here&gt;',
    ],
    [
      'expired',
      enter(anAskedUpdate(), 'Expired', askedAt, { reason: 'not-approved', message: '0 of 1' }),
      'not approved in time',
    ],
    [
      'superseded',
      enter(anAskedUpdate(), 'Superseded', askedAt, { reason: 'newer-update', message: 'by up-2' }),
      '`newer-update` by up-2',
    ],
  ])('that was %s says by whom or why, and has no buttons', (_, update, words) => {
    const { message } = callsOf(update);

    expect(JSON.stringify(message.blocks)).toContain(words);
    expect(JSON.stringify(message.blocks)).not.toContain('"actions"');
  });

  test('has no result before the rollout has', () => {
    expect(resultMessage(anAskedUpdate())).toBeUndefined();
  });
});
