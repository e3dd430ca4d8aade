/** One thing that was looked at, in one line: how it is, and what to do when it is wrong. */
export interface Finding {
  /** `note`: it works, and could be better. */
  readonly state: 'ok' | 'note' | 'wrong';
  readonly line: string;
}

/** All is well with `what`. */
export function right(what: string, line: string): Finding {
  return { state: 'ok', line: `${what} ${line}` };
}

/** It works without. */
export function note(what: string, line: string): Finding {
  return { state: 'note', line: `${what} ${line}` };
}

/** It does not work so. */
export function wrong(what: string, line: string): Finding {
  return { state: 'wrong', line: `${what} ${line}` };
}

/** A text of others: nothing in it moves the cursor. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?').slice(0, 100);
}
