import { expect, test } from '@jest/globals';
import { createRounds, type RoundEnd } from '../../src/cluster/watch-rounds.ts';
import { AppError } from '../../src/core/errors.ts';

/** Twenty seconds of a watch that works, up to whatever cuts it. */
const short: RoundEnd = {
  ...{ version: '7', error: new AppError('unavailable', 'cut'), opened: true, openMs: 20_000 },
  ...{ brought: true, garbled: false },
};
const forgotten: RoundEnd = {
  ...{ version: '7', error: new AppError('gone', 'too old'), opened: false, openMs: 0 },
  ...{ brought: false, garbled: false },
};

test('a server that forgets now and then, between watches that work, is asked for a list at once each time', () => {
  const rounds = createRounds(() => 0.999);
  const waits = Array.from({ length: 10 }, () => {
    rounds.after(short);
    return rounds.after(forgotten);
  });

  expect(waits.map(({ relist }) => relist)).toEqual(waits.map(() => true));
  expect(Math.max(...waits.map(({ waitMs }) => waitMs))).toBeLessThanOrEqual(200);
});

test('one that does nothing but forget is asked less and less', () => {
  const rounds = createRounds(() => 0.999);
  const waits = Array.from({ length: 12 }, () => rounds.after(forgotten).waitMs);

  expect(waits).toEqual(waits.toSorted((one, other) => one - other));
  expect(waits.at(-1)).toBeGreaterThan(20_000);
});
