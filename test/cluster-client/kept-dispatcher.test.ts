import { describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { createKeptDispatcher } from '../../src/cluster/kept-dispatcher.ts';
import { createFakeClock } from '../support/fake-clock.ts';

describe('the kept dispatcher', () => {
  const [first, second, third] = [new Agent(), new Agent(), new Agent()];

  test('stands in for every later one, until its time is over', async () => {
    const clock = createFakeClock();
    const kept = createKeptDispatcher(clock);

    expect(kept.insteadOf(first)).toBe(first);
    await clock.advance(59_000);
    expect(kept.insteadOf(second)).toBe(first);
    await clock.advance(1000);

    expect(kept.insteadOf(third)).toBe(third);
  });

  test('is dropped when a call failed', () => {
    const kept = createKeptDispatcher(createFakeClock());
    kept.insteadOf(first);

    kept.drop();

    expect(kept.insteadOf(second)).toBe(second);
  });
});
