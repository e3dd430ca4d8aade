import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runSlackSocket, whileLeading } from '../../../src/chat/slack/socket.ts';
import { createVoteTaker } from '../../../src/chat/slack/take-votes.ts';
import type { Update } from '../../../src/core/update.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import { anAskedUpdate } from '../../support/slack-parts.ts';
import { aFace, type Face } from './face.ts';
import { clickBody, typedBody } from './payloads.ts';

let slack: FakeSlack;
let face: Face;
let stop: AbortController;
let running: Promise<void>;
beforeEach(async () => {
  slack = await startFakeSlack();
  face = aFace(slack);
  stop = new AbortController();
  running = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await running;
  await slack.close();
});

/** Resolves once the voter has been answered. */
async function answered(count = 1): Promise<void> {
  while (slack.workspace.ephemerals.length < count) await new Promise(setImmediate);
}

function start(different: Partial<Face['options']> = {}): void {
  const { appToken } = slack.workspace;
  // Waits between tries are over at once: what is waited for is the connection.
  const clock = {
    ...systemClock,
    after: (ms: number, run: () => void) => systemClock.after(ms <= 1000 ? 0 : ms, run),
  };
  const options = { ...face.options, ...different, clock, appToken, random: () => 0 };
  running = runSlackSocket(options, stop.signal);
}

describe('the Socket Mode connection', () => {
  test('takes a click, acknowledges it before it is looked at, and counts it', async () => {
    const update = anAskedUpdate();
    const message = await face.ask(update);
    const looked = Promise.withResolvers<undefined>();
    face.parts.directory.user = () => looked.promise;
    start();
    await slack.socket.untilOpen();

    await slack.socket.send('interactive', clickBody(slack, message));
    const before = slack.workspace.ephemerals.length;
    looked.resolve(undefined);
    await answered();

    expect(before).toBe(0);
    expect(face.metrics.counted).toEqual(['vote:slack:unknown-person']);
  });

  test('takes an envelope that comes twice for one vote', async () => {
    const update = anAskedUpdate({ votes: 2 });
    const message = await face.ask(update);
    start();
    await slack.socket.untilOpen();

    await slack.socket.send('interactive', clickBody(slack, message), 'envelope-1');
    await answered(1);
    await slack.socket.send('interactive', clickBody(slack, message), 'envelope-1');
    await answered(2);

    expect(face.updates.get(update.name)?.approval?.given).toHaveLength(1);
    expect(slack.workspace.ephemerals.at(-1)?.text).toContain('you have approved');
  });

  test('acknowledges a phrase before it is looked at', async () => {
    await face.ask(anAskedUpdate());
    const stored = Promise.withResolvers<readonly Update[]>();
    const votes = createVoteTaker({ ...face.options, waiting: () => stored.promise }, face.ending.signal);
    start({ votes });
    await slack.socket.untilOpen();

    await slack.socket.send('events_api', typedBody(slack, 'approve default/shop'));
    const before = slack.workspace.ephemerals.length;
    stored.resolve([...face.updates.values()]);
    await answered();

    expect(before).toBe(0);
    expect(face.ballots).toHaveLength(1);
  });

  test('takes a phrase', async () => {
    const update = anAskedUpdate();
    await face.ask(update);
    start();
    await slack.socket.untilOpen();

    await slack.socket.send('events_api', typedBody(slack, 'approve default/shop'));
    await answered();

    expect(face.updates.get(update.name)?.approval?.given).toMatchObject([
      { by: { id: 'ada@acme.example' } },
    ]);
  });

  test('is opened anew when Slack is about to close it, and when it is cut', async () => {
    const message = await face.ask(anAskedUpdate());
    start();
    await slack.socket.untilOpen();

    slack.socket.disconnect('refresh_requested');
    while (slack.socket.total() < 2) await new Promise(setImmediate);
    slack.socket.cut();
    while (slack.socket.total() < 3 || slack.socket.open() < 1) await new Promise(setImmediate);
    await slack.socket.send('interactive', clickBody(slack, message));
    await answered();

    expect(face.ballots).toHaveLength(1);
  });

  test('that Slack ends at once is not opened again at once', async () => {
    const { appToken } = slack.workspace;
    const clock = createFakeClock();
    running = runSlackSocket({ ...face.options, clock, appToken, random: () => 0 }, stop.signal);
    await slack.socket.untilOpen();

    slack.socket.disconnect('warning');
    while (slack.socket.open() > 0) await new Promise(setImmediate);
    await clock.advance(499);
    const early = slack.socket.total();
    while (slack.socket.total() < 2) await clock.advance(500);

    expect(early).toBe(1);
  });

  test('that is refused is tried again, says what to do, and ends no process', async () => {
    slack.workspace.appTokenProblem = 'token_revoked';
    start();
    while (slack.count('apps.connections.open') < 3) await new Promise(setImmediate);
    slack.workspace.appTokenProblem = undefined;

    await slack.socket.untilOpen();

    const warnings = face.parts.log.lines.filter(
      ({ message }) => message === 'slack: no connection for clicks',
    );
    expect(warnings[0]?.fields.message).toContain('slack: apps.connections.open (token_revoked)');
    expect(JSON.stringify(face.parts.log.lines)).not.toContain('canary');
  });

  test('is there while the replica leads, and not otherwise', async () => {
    const { appToken } = slack.workspace;
    const held = whileLeading((signal) =>
      runSlackSocket({ ...face.options, clock: systemClock, appToken, random: () => 0 }, signal),
    );

    held.acquired();
    await slack.socket.untilOpen();
    held.lost();
    await held.settled();
    while (slack.socket.open() > 0) await new Promise(setImmediate);
    held.acquired();
    await slack.socket.untilOpen();
    held.lost();
    await held.settled();

    expect(slack.socket.total()).toBe(2);
  });

  test('changes hands with the lead: none stays with the old leader, and what it has acknowledged counts', async () => {
    const update = anAskedUpdate();
    const message = await face.ask(update);
    const { user } = face.parts.directory;
    const looked = Promise.withResolvers<undefined>();
    face.parts.directory.user = async (...who) => {
      await looked.promise;
      return user(...who);
    };
    const { appToken } = slack.workspace;
    const [older, newer] = [face, aFace(slack)].map(({ options }) =>
      whileLeading((signal) =>
        runSlackSocket({ ...options, clock: systemClock, appToken, random: () => 0 }, signal),
      ),
    );
    older?.acquired();
    await slack.socket.untilOpen();
    await slack.socket.send('interactive', clickBody(slack, message));

    older?.lost();
    newer?.acquired();
    await older?.settled();
    while (slack.socket.total() < 2 || slack.socket.open() > 1) await new Promise(setImmediate);
    looked.resolve(undefined);
    await answered();
    newer?.lost();
    await newer?.settled();

    expect(face.updates.get(update.name)?.approval?.given).toHaveLength(1);
    expect(slack.socket.total()).toBe(2);
  });

  test('is not waited for when it does not come: the wait is over when the service ends', async () => {
    slack.fail('apps.connections.open', { kind: 'silence' });
    const { appToken } = slack.workspace;
    const clock = createFakeClock();
    running = runSlackSocket({ ...face.options, clock, appToken, random: () => 0 }, stop.signal);
    while (slack.count('apps.connections.open') < 1) await new Promise(setImmediate);

    stop.abort();
    await clock.advance(5000);
    await running;

    expect(slack.socket.total()).toBe(0);
  });
});
