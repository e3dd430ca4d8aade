import { describe, expect, test } from '@jest/globals';
import { createRecent } from '../../src/lib/recent.ts';

describe('what is recent', () => {
  test('is known, until it is set anew or deleted', () => {
    const recent = createRecent<number>(2);
    recent.set('a', 1);
    recent.set('a', 2);
    recent.set('b', 3);
    recent.delete('b');

    expect([recent.get('a'), recent.get('b')]).toEqual([2, undefined]);
  });

  test('is so much and no more: what was set longest ago is forgotten', () => {
    const recent = createRecent<number>(2);
    for (const [key, value] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['c', 4],
    ] as const)
      recent.set(key, value);

    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([3, undefined, 4]);
  });
});
