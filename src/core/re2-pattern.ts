import { RE2JS } from 're2js';

/** Characters; a tag has 128. */
export const longestPattern = 256;

/** What is wrong with a pattern that is too long. */
export function tooLong(text: string): string {
  return `"${text.slice(0, 32)}…" is longer than ${longestPattern} characters`;
}

/** The pattern, or what is wrong with it. People's patterns go through RE2: none can take long. */
export function compilePattern(text: string): RE2JS | string {
  if (text.length > longestPattern) return tooLong(text);
  try {
    return RE2JS.compile(text);
  } catch (error) {
    return `"${text}" is not an RE2 pattern (${String(error)})`;
  }
}
