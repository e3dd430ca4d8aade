import { expect, test } from '@jest/globals';
import { remembered } from '../../../../src/core/policies/shared/remembered.ts';

test('reads each tag once, whatever it is called', () => {
  const asked: string[] = [];
  const read = remembered((tag) => {
    asked.push(tag);
    return `${tag}!`;
  });

  expect(['a', '__proto__', 'a', '__proto__'].map(read)).toEqual(['a!', '__proto__!', 'a!', '__proto__!']);
  expect(asked).toEqual(['a', '__proto__']);
});
