const [minute, hour, day] = [60, 3600, 86_400];

/** A duration as kubectl prints an age: two units while the first is small. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 2 * minute) return `${seconds}s`;
  if (seconds < 10 * minute) return pair(seconds, [minute, 'm'], [1, 's']);
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`;
  if (seconds < 8 * hour) return pair(seconds, [hour, 'h'], [minute, 'm']);
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`;
  if (seconds < 8 * day) return pair(seconds, [day, 'd'], [hour, 'h']);
  if (seconds < 2 * 365 * day) return `${Math.floor(seconds / day)}d`;
  return pair(seconds, [365 * day, 'y'], [day, 'd']);
}

type Unit = readonly [seconds: number, letter: string];

function pair(seconds: number, [large, first]: Unit, [small, second]: Unit): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${first}${rest > 0 ? `${rest}${second}` : ''}`;
}
