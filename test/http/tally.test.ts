import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTally } from '../../src/http/tally.ts';

const second = { windowMs: 1000, maxKeys: 3 };

/** A tally, and the time that it goes by. */
function start(most: number, limit = second) {
  const time = { ms: 0 };
  return { time, ...createTally({ most, ...limit }, () => time.ms) };
}

describe('a tally', () => {
  test('lets so many through, and says when the next may come', () => {
    const { time, waitMs, add } = start(2);

    add('ann');
    time.ms = 400;
    const afterOne = waitMs('ann');
    add('ann');
    const afterTwo = waitMs('ann');
    time.ms = 999;
    const shortBefore = waitMs('ann');
    time.ms = 1000;

    expect([afterOne, afterTwo, shortBefore, waitMs('ann')]).toEqual([0, 600, 1, 0]);
  });

  test('counts every key for itself', () => {
    const { waitMs, add } = start(1);

    add('ann');

    expect([waitMs('ann'), waitMs('bob')]).toEqual([1000, 0]);
  });

  test('keeps no more keys than it may: the oldest is forgotten', () => {
    const { waitMs, add } = start(1);

    for (const key of ['a', 'b', 'c', 'd']) add(key);

    expect(['a', 'b', 'c', 'd'].map(waitMs)).toEqual([0, 1000, 1000, 1000]);
  });

  test('is as one that keeps everything, as long as the keys are few', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      // Often enough to the end of a window, to the millisecond.
      pauseMs: fc.constantFrom(0, 1, 250, 500, 750),
      adds: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, most) => {
        const { time, waitMs, add } = start(most);
        const began = new Map<string, number[]>();
        for (const { key, pauseMs, adds } of steps) {
          time.ms += pauseMs;
          const all = began.get(key) ?? [];
          const [first = -Infinity] = all;
          const window = time.ms - first < 1000 ? all : [];
          expect(waitMs(key)).toBe(window.length >= most ? first + 1000 - time.ms : 0);
          if (adds) add(key);
          began.set(key, adds ? [...window, time.ms] : window);
        }
      }),
    );
  });
});
