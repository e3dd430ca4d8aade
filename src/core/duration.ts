const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `1h30m`, `7d` in milliseconds; `undefined` when it is none, or nothing. */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(?:\d{1,6}(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)(\D+)/g)];
  const sum = parts.reduce((ms, [, n, unit]) => ms + Number(n) * Number(unitMs[String(unit)]), 0);
  return sum > 0 ? sum : undefined;
}
