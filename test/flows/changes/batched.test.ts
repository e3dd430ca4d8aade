import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createBatched } from '../../../src/flows/changes/batched.ts';

/** A number that is written slowly: each write is ended by the test. */
function slow() {
  let value = 0;
  const writes: PromiseWithResolvers<undefined>[] = [];
  const write = async (change: (before: number) => number): Promise<void> => {
    const end = Promise.withResolvers<undefined>();
    writes.push(end);
    await end.promise;
    value = change(value);
  };
  return { batched: createBatched(write), writes, value: () => value };
}

describe('changes that come while one is being written', () => {
  test('go together, in order, in the next write', async () => {
    const { batched, writes, value } = slow();
    const first = batched((before) => before + 1);
    const second = batched((before) => before * 10);
    const third = batched((before) => before + 2);
    expect(writes).toHaveLength(1);

    writes[0]?.resolve(undefined);
    await first;
    await setImmediate();
    expect(value()).toBe(1);
    expect(writes).toHaveLength(2);
    writes[1]?.resolve(undefined);
    await Promise.all([second, third]);

    expect(value()).toBe(12);
    expect(writes).toHaveLength(2);
  });

  test('are refused with the write that they are in, and no other', async () => {
    const { batched, writes, value } = slow();
    const first = batched((before) => before + 1);
    const second = batched((before) => before + 10);
    writes[0]?.reject(new Error('no room'));
    await expect(first).rejects.toThrow('no room');
    await setImmediate();
    writes[1]?.resolve(undefined);
    await second;

    expect(value()).toBe(10);
  });
});
