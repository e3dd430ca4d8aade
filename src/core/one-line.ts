/**
 * Text that others wrote, fit for a record, a log and a terminal: one line, what cannot be seen spelled out, at most
 * `longest` UTF-16 units. Doing it again changes nothing.
 */
export function oneLine(text: string, longest: number): string {
  // Long before it is cut to length: what somebody sends as a name may be megabytes.
  const line = text
    .slice(0, 4 * longest)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\p{C}/gu, (char) => `\\u{${Number(char.codePointAt(0)).toString(16)}}`);
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`.toWellFormed();
}

/** Whether there is anything in it that a person can see. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{C}]/u.test(text);
}
