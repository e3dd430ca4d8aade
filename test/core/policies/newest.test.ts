import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newestPolicy } from '../../../src/core/policies/newest.ts';
import { outcomeOf } from '../../support/verdicts.ts';

describe('newest', () => {
  test.each<[string, string, readonly string[], string | undefined]>([
    ['takes the last of a push', 'a', ['c', 'b'], 'b'],
    ['takes what is lower in every other order', '2.0.0', ['1.0.0'], '1.0.0'],
    ['leaves the running tag', 'a', ['a'], undefined],
    ['takes what was pushed after the running tag', 'a', ['a', 'b'], 'b'],
    ['leaves what was pushed before the running tag', 'a', ['b', 'a'], undefined],
    ['counts a tag where it was named last', 'x', ['a', 'b', 'a'], 'a'],
    ['moves away from any tag', 'latest', ['b7e1a90'], 'b7e1a90'],
    ['skips what is no image', 'a', ['b', `sha256-${'a'.repeat(64)}.sig`, '-c'], 'b'],
  ])('%s', (_what, running, pushed, selected) => {
    expect(outcomeOf('newest', running, pushed).selected).toBe(selected);
  });

  test('explains every tag', () => {
    const { verdicts } = outcomeOf('newest:^prod_', 'prod_a', [
      'prod_0',
      'prod_a',
      'prod_1',
      'prod_2',
      'dev_3',
    ]);

    expect(verdicts).toEqual({
      ...{ prod_0: 'not-newer', prod_a: 'not-newer', prod_1: 'not-newer', prod_2: 'update' },
      dev_3: 'filtered',
    });
  });

  test('takes the last that matches, whatever runs', () => {
    expect(outcomeOf('newest:^prod_', 'dev_1', ['prod_1', 'dev_1', 'dev_2']).selected).toBe('prod_1');
  });

  test('selects the last image tag of any push, and then rests', () => {
    const tags = fc.constantFrom('a', 'b', 'c', 'd');

    fc.assert(
      fc.property(tags, fc.array(tags), (running, pushed) => {
        const last = pushed.at(-1);
        const { selected } = outcomeOf('newest', running, pushed);

        expect(selected).toBe(last === running ? undefined : last);
        expect(outcomeOf('newest', selected ?? running, pushed).selected).toBeUndefined();
      }),
    );
  });

  test.each([
    ['', 'the pattern is empty'],
    ['[', /^"\[" is not an RE2 pattern/],
  ])('says what is wrong with %j', (argument, why) => {
    expect(newestPolicy.read('newest', argument)).toEqual(
      typeof why === 'string' ? why : expect.stringMatching(why),
    );
  });
});
