import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/lib/clock.ts';

const limitMs = 2 ** 31 - 1;
const dayMs = 86_400_000;

describe('systemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test('tells the time', () => {
    jest.setSystemTime(new Date('2026-05-04T03:02:01Z'));

    expect(systemClock.now().toISOString()).toBe('2026-05-04T03:02:01.000Z');
  });

  test('runs once, when the time has come and not before', () => {
    const run = jest.fn();
    systemClock.after(1000, run);

    jest.advanceTimersByTime(999);
    expect(run).toHaveBeenCalledTimes(0);

    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);

    jest.advanceTimersByTime(dayMs);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test.each([0, -5])('%i ms is soon, but not at once', (ms) => {
    const run = jest.fn();
    systemClock.after(ms, run);
    expect(run).toHaveBeenCalledTimes(0);

    jest.advanceTimersByTime(1);

    expect(run).toHaveBeenCalledTimes(1);
  });

  test('what is taken back does not run', () => {
    const run = jest.fn();
    const cancel = systemClock.after(1000, run);

    cancel();
    cancel();
    jest.advanceTimersByTime(dayMs);

    expect(run).toHaveBeenCalledTimes(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([limitMs, limitMs + 1, 90 * dayMs])('%i ms, more than a timer holds, are waited for', (ms) => {
    const run = jest.fn();
    systemClock.after(ms, run);

    jest.advanceTimersByTime(ms - 1);
    expect(run).toHaveBeenCalledTimes(0);

    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test('a long wait can be taken back in its later part', () => {
    const run = jest.fn();
    const cancel = systemClock.after(90 * dayMs, run);
    jest.advanceTimersByTime(60 * dayMs);

    cancel();
    jest.advanceTimersByTime(60 * dayMs);

    expect(run).toHaveBeenCalledTimes(0);
  });
});

test('a timer does not keep the process alive', async () => {
  const module = new URL('../../src/lib/clock.ts', import.meta.url).href;
  const program = `
    import { systemClock } from ${JSON.stringify(module)};
    systemClock.after(${dayMs}, () => undefined);
    systemClock.after(${90 * dayMs}, () => undefined);
  `;

  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);

  expect(stderr).toBe('');
});
