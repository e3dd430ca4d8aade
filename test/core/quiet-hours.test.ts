import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTimeZone, parseTimeOfDay, quietForMs, type QuietHours } from '../../src/core/quiet-hours.ts';

const night: QuietHours = { fromMinute: 22 * 60, toMinute: 7 * 60, zone: 'UTC', except: 'error' };
const noon: QuietHours = { ...night, fromMinute: 12 * 60, toMinute: 13 * 60 };
const minutes = (count: number): number => count * 60_000;

describe('quiet hours', () => {
  test.each([
    [night, '2026-01-01T21:59:59.999Z', 0],
    [night, '2026-01-01T22:00:00.000Z', minutes(9 * 60)],
    [night, '2026-01-01T23:59:30.250Z', minutes(7 * 60 + 1) - 30_250],
    [night, '2026-01-02T00:00:00.000Z', minutes(7 * 60)],
    [night, '2026-01-02T06:59:59.999Z', 1],
    [night, '2026-01-02T07:00:00.000Z', 0],
    [noon, '2026-01-02T12:30:00.000Z', minutes(30)],
    [noon, '2026-01-02T13:00:00.000Z', 0],
    [{ ...night, zone: 'Asia/Kolkata' }, '2026-01-01T16:30:00.000Z', minutes(9 * 60)],
    [{ ...night, zone: 'Europe/Copenhagen' }, '2026-07-01T05:00:00.000Z', 0],
    [{ ...noon, toMinute: 12 * 60 }, '2026-01-02T12:00:00.000Z', 0],
  ] as const)('%j at %s are left for %d ms', (quiet, now, ms) => {
    expect(quietForMs(quiet, 'info', new Date(now))).toBe(ms);
  });

  test('hold back only what can wait', () => {
    const now = new Date('2026-01-01T23:00:00Z');
    const waits = (['info', 'warning', 'error'] as const).map(
      (severity) => quietForMs(night, severity, now) > 0,
    );

    expect(waits).toEqual([true, true, false]);
  });

  test('are over when the wait is over, and less than a day long, where clocks stand still', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(minute, minute, fc.integer({ min: 0, max: 2e12 }), (fromMinute, toMinute, at) => {
        const quiet = { ...night, fromMinute, toMinute };
        const ms = quietForMs(quiet, 'info', new Date(at));
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(minutes(1440));
        expect(quietForMs(quiet, 'info', new Date(at + ms))).toBe(0);
      }),
    );
  });
});

test.each([
  ['00:00', 0],
  ['23:59', 1439],
  ['07:05', 425],
  ...['24:00', '7:05', '07:60', '0705', '', '07:05:00'].map((text) => [text, undefined] as const),
])('%j is minute %s of the day', (text, minute) => {
  expect(parseTimeOfDay(text)).toBe(minute);
});

test('zones have names', () => {
  expect(['UTC', 'Europe/Copenhagen', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
