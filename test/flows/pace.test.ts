import { expect, test } from '@jest/globals';
import { createPace } from '../../src/flows/pace.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';

function aPace() {
  const clock = createFakeClock();
  return { clock, pace: createPace({ clock, log: createFakeLog() }, 'deploys') };
}

test('a place is free until it asks for a pause, and after it', async () => {
  const { clock, pace } = aPace();
  expect(pace.waitMs()).toBe(0);

  expect(pace.pause(5000, 'full')).toBe(5000);
  await clock.advance(4999);
  expect(pace.waitMs()).toBe(1);
  await clock.advance(1);
  expect(pace.waitMs()).toBe(0);
});

test.each([
  ['none', 0, 100],
  ['a month', 30 * 24 * 3_600_000, 24 * 3_600_000],
])('a pause of %s is none that helps', (_what, askedMs, pausedMs) => {
  expect(aPace().pace.pause(askedMs, 'full')).toBe(pausedMs);
});

test('whoever asked for longer is heard, also when another answer comes later', () => {
  const { pace } = aPace();
  pace.pause(60_000, 'full');

  expect(pace.pause(1000, 'full')).toBe(60_000);
  expect(pace.waitMs()).toBe(60_000);
});

test('who says no time is asked ever more slowly, until something is taken', async () => {
  const { clock, pace } = aPace();
  const paused: number[] = [];
  for (let n = 0; n < 10; n++) {
    paused.push(pace.pause(0, 'full'));
    pace.pause(0, 'at the same time');
    await clock.advance(pace.waitMs());
  }
  expect(paused).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);

  pace.took();
  expect(pace.pause(0, 'full')).toBe(100);
});

test('for ten minutes after a pause one thing is done after the other', async () => {
  const { clock, pace } = aPace();
  const most = async (): Promise<number> => {
    let [now, highest] = [0, 0];
    const work = async (): Promise<void> => {
      highest = Math.max(highest, ++now);
      await Promise.resolve();
      now--;
    };
    await Promise.all([pace.inTurn(work), pace.inTurn(work), pace.inTurn(work)]);
    return highest;
  };
  expect(await most()).toBe(3);

  pace.pause(1000, 'full');
  expect(await most()).toBe(1);
  await clock.advance(600_999);
  expect(await most()).toBe(1);
  await clock.advance(1);
  expect(await most()).toBe(3);
});
