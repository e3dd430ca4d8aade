import { isAtLeast, type Severity } from './notice.ts';

/** Hours in which people are not told of what can wait. */
export interface QuietHours {
  /** Minutes since midnight, in `zone`; from `toMinute` on it is not quiet any more. Over midnight when it is smaller. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Name of a time zone, such as `Europe/Copenhagen`. */
  readonly zone: string;
  /** What is at least as bad is told at once. */
  readonly except: Severity;
}

const [dayMinutes, minuteMs] = [1440, 60_000];

/** How long something of this severity has to wait from `now` on, in ms; 0 = it is told at once. */
export function quietForMs(quiet: QuietHours, severity: Severity, now: Date): number {
  const { fromMinute, toMinute } = quiet;
  if (isAtLeast(severity, quiet.except) || fromMinute === toMinute) return 0;
  const minute = minuteOf(now, quiet.zone);
  const sinceStart = (minute - fromMinute + dayMinutes) % dayMinutes;
  const length = (toMinute - fromMinute + dayMinutes) % dayMinutes;
  if (sinceStart >= length) return 0;
  // Clocks that are put forward or back in between make it an hour more or less: whoever wakes looks again.
  return (length - sinceStart) * minuteMs - (now.getTime() % minuteMs);
}

/** `22:30` as minutes since midnight; `undefined` when it is no time of day. */
export function parseTimeOfDay(text: string): number | undefined {
  const [, hours = '', minutes = ''] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === '' ? undefined : Number(hours) * 60 + Number(minutes);
}

/** Whether there is a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function minuteOf(now: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  } as const).formatToParts(now);
  const valueOf = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return valueOf('hour') * 60 + valueOf('minute');
}
