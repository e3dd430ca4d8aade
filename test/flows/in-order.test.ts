import { expect, test } from '@jest/globals';
import { createInOrder } from '../../src/flows/in-order.ts';

test('work of one kind waits for the work before it, also for such as fails; other kinds do not wait', async () => {
  const inOrder = createInOrder();
  const [first, other] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const begun: string[] = [];
  const work = (name: string, result: Promise<string>) => () => {
    begun.push(name);
    return result;
  };

  const one = inOrder('a', work('a1', first.promise));
  const two = inOrder('a', work('a2', Promise.resolve('second')));
  const three = inOrder('b', work('b1', other.promise));
  expect(begun).toEqual(['a1', 'b1']);
  first.reject(new Error('failed'));

  await expect(one).rejects.toThrow('failed');
  expect(await two).toBe('second');
  other.resolve('other');
  expect(await three).toBe('other');
  expect(await inOrder('a', work('a3', Promise.resolve('third')))).toBe('third');
  expect(begun).toEqual(['a1', 'b1', 'a2', 'a3']);
});
