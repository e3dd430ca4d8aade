import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createVoteTaker,
  type VoteTaker,
  type VoteTakerOptions,
} from '../../../src/chat/slack/take-votes.ts';
import { AppError } from '../../../src/core/errors.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import { anAskedUpdate } from '../../support/slack-parts.ts';
import { aFace, type Face } from './face.ts';
import { clickBody, typedBody } from './payloads.ts';

let slack: FakeSlack;
let face: Face;
beforeEach(async () => {
  slack = await startFakeSlack();
  face = aFace(slack);
});
afterEach(async () => {
  face.ending.abort();
  await slack.close();
});

function aTaker(different: Partial<VoteTakerOptions> = {}): VoteTaker {
  return createVoteTaker({ ...face.options, clock: face.parts.clock, ...different }, face.ending.signal);
}

const told = () => slack.workspace.ephemerals.map(({ text }) => text);
const notCounted = expect.stringContaining('your vote may not have been counted') as unknown;

/** Resolves when so many timers wait: what was asked of Slack has been answered, and is to be asked again later. */
async function untilWaiting(timers: number): Promise<void> {
  while (face.parts.clock.pending() < timers) await new Promise(setImmediate);
}

describe('a vote', () => {
  test.each(['auth.test', 'bots.info', 'conversations.history', 'users.info', 'usergroups.list'])(
    'waits as long as Slack says at %s, and then counts',
    async (method) => {
      const update = anAskedUpdate();
      const message = await face.ask(update);
      // A process of its own: it has asked Slack nothing yet.
      const fresh = aFace(slack);
      fresh.updates.set(update.name, update);
      const { clock } = fresh.parts;
      const votes = createVoteTaker({ ...fresh.options, clock }, face.ending.signal);
      slack.fail(method, { kind: 'rate-limited', retryAfterSeconds: 10 });
      const before = slack.count(method);

      const taken = votes.click(clickBody(slack, message));
      while (clock.pending() < 2) await new Promise(setImmediate);
      await clock.advance(9999);
      const early = slack.count(method) - before;
      await clock.advance(1);
      await taken;

      expect(early).toBe(1);
      expect(fresh.updates.get(update.name)?.approval?.given).toHaveLength(1);
      expect(told()).toEqual(['<@U0ADA0001> *shop* has been approved']);
    },
  );

  test('that Slack would have wait for too long is told so', async () => {
    const message = await face.ask(anAskedUpdate());
    slack.fail('users.info', { kind: 'rate-limited', retryAfterSeconds: 60 });

    const taken = aTaker().click(clickBody(slack, message));
    await untilWaiting(2);
    await face.parts.clock.advance(30_000);
    await taken;

    expect(face.ballots).toEqual([]);
    expect(face.metrics.counted).toEqual(['vote:slack:not-counted']);
    expect(told()).toEqual([notCounted]);
  });

  test('that the store does not take is told so, counted and logged', async () => {
    const message = await face.ask(anAskedUpdate());
    const cast = () => Promise.reject(new AppError('unavailable', 'no store'));

    await aTaker({ cast }).click(clickBody(slack, message));
    await aTaker({ cast }).message(typedBody(slack, 'approve default/shop'));

    expect(face.metrics.counted).toEqual(['vote:slack:not-counted', 'vote:slack:not-counted']);
    expect(told()).toEqual([notCounted, notCounted]);
    expect(face.parts.log.lines).toMatchObject([{ level: 'error' }, { level: 'error' }]);
  });

  test('of somebody from elsewhere, or talk that is no vote, is not answered when something is wrong', async () => {
    const message = await face.ask(anAskedUpdate());
    const bodies = [
      { ...clickBody(slack, message), team: { id: 'T0OTHER01' } },
      typedBody(slack, 'I approve of that'),
    ];

    for (const body of bodies) {
      const fresh = aFace(slack);
      slack.fail('auth.test', { kind: 'status', status: 503 });
      const votes = createVoteTaker(fresh.options, face.ending.signal);
      await ('event' in body ? votes.message(body) : votes.click(body));
      expect(fresh.metrics.counted).toEqual(['vote:slack:not-counted']);
    }

    expect(told()).toEqual([]);
  });

  test('that is under way is waited for at the end, for five seconds', async () => {
    const update = anAskedUpdate();
    const message = await face.ask(update);
    const { clock } = face.parts;
    const stored = Promise.withResolvers<undefined>();
    const cast: VoteTakerOptions['cast'] = async (...vote) => {
      await stored.promise;
      return face.options.cast(...vote);
    };
    const votes = aTaker({ cast });
    let settled = 0;
    const settle = async (): Promise<void> => {
      await votes.settled();
      settled++;
    };
    const taken = votes.click(clickBody(slack, message));

    const hasty = settle();
    await clock.advance(4999);
    const early = settled;
    await clock.advance(1);
    await hasty;
    const patient = settle();
    stored.resolve(undefined);
    await patient;
    await taken;

    expect([early, settled]).toEqual([0, 2]);
    expect(face.updates.get(update.name)?.approval?.given).toHaveLength(1);
  });
});
