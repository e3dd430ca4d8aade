/** What our buttons are called. */
export const actionIds = { approve: 'updatekate_approve', reject: 'updatekate_reject' } as const;

/** What a click is about. */
export interface ButtonValue {
  /** Name of the update. */
  readonly update: string;
  /** Of what was shown. */
  readonly hash: string;
}

/** The button's value: update and hash. */
export function buttonValue({ update, hash }: ButtonValue): string {
  return `${update} ${hash}`;
}

/** Reads it again; `undefined` when it is none of ours. Total. */
export function readButtonValue(text: string): ButtonValue | undefined {
  const [, update, hash] = /^(up-[0-9a-f]{40}) ([0-9a-f]{32})$/.exec(text) ?? [];
  return update === undefined || hash === undefined ? undefined : { update, hash };
}
