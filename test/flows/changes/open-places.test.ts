import { expect, test } from '@jest/globals';
import { AppError, type ErrorCode } from '../../../src/core/errors.ts';
import type { Ledger } from '../../../src/flows/changes/ledger.ts';
import { createOpenPlaces } from '../../../src/flows/changes/open-places.ts';

const place = { cluster: 'default', namespace: 'till' };

/** Places that cannot be opened while there is a `fault`. */
function places() {
  const never = (): never => {
    throw new Error('nobody asks it anything here');
  };
  const ledger: Ledger = { book: never, box: never, settle: never, tried: never, flush: never };
  const state: { fault: ErrorCode | undefined; asked: number; looks: number } = {
    ...{ fault: undefined, asked: 0, looks: 0 },
  };
  const open = createOpenPlaces(
    { meet: () => Promise.resolve(false) },
    () => {
      state.asked++;
      return state.fault ? Promise.reject(new AppError(state.fault, 'no')) : Promise.resolve(ledger);
    },
    () => state.looks++,
  );
  return { state, ledger, ...open };
}

test('one of many in a place that cannot be opened leaves that to the place', async () => {
  const { state, ledger, ready, open } = places();
  state.fault = 'unauthorized';
  expect([await ready(place), await ready(place), await ready(place)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([state.asked, state.looks]).toEqual([1, 1]);
  await expect(open(place)).rejects.toMatchObject({ code: 'unauthorized' });
  expect(await ready(place)).toBeUndefined();

  state.fault = undefined;
  expect(await open(place)).toBe(ledger);
  expect(await ready(place)).toBe(ledger);
});

test('who leads no more closes nothing', async () => {
  const { state, ledger, ready } = places();
  state.fault = 'not-leader';
  await expect(ready(place)).rejects.toMatchObject({ code: 'not-leader' });

  state.fault = undefined;
  expect(await ready(place)).toBe(ledger);
  expect(state.looks).toBe(0);
});
