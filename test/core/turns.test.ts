import { expect, test } from '@jest/globals';
import { createTurns } from '../../src/core/turns.ts';

/** Work that ends when it is told to. */
function aWork(begun: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = (): Promise<string> => {
    begun.push(name);
    return promise;
  };
  return { work, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('goes on with as many as it may, and with the others as they came', async () => {
  const begun: string[] = [];
  const turns = createTurns(2);
  const [a, b, c, d] = [aWork(begun, 'a'), aWork(begun, 'b'), aWork(begun, 'c'), aWork(begun, 'd')];
  const all = [a, b, c, d].map(({ work }) => turns(work));
  await moment();
  expect(begun).toEqual(['a', 'b']);

  b.end();
  await moment();
  expect(begun).toEqual(['a', 'b', 'c']);

  [a, c, d].forEach(({ end }) => end());
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('goes on after what failed, and is free again when nobody waits', async () => {
  const begun: string[] = [];
  const turns = createTurns(1);
  const [bad, next, last] = [aWork(begun, 'bad'), aWork(begun, 'next'), aWork(begun, 'last')];
  const failing = turns(bad.work);
  const following = turns(next.work);
  bad.fail();
  next.end();

  await expect(failing).rejects.toThrow('bad');
  expect(await following).toBe('next');
  last.end();
  expect(await turns(last.work)).toBe('last');
});
