/** A part of a text that is shown in another way; offset and length in UTF-16 units. */
export interface Entity {
  readonly type: 'bold' | 'code';
  readonly offset: number;
  readonly length: number;
}

/** Telegram drops what is above. https://core.telegram.org/bots/api#sendmessage */
const mostEntities = 100;

/**
 * Telegram makes a mention of every @name, whatever the text is meant to be; within code it does not. Wider than its own
 * rule, which knows how long names are and where letters of other scripts are part of a word.
 * https://core.telegram.org/api/mentions
 */
const mention = /(?<![A-Za-z0-9_])@[A-Za-z0-9_]+/g;

/**
 * The headline in bold, and what looks like a mention as code, so that nobody is called up.
 * https://core.telegram.org/bots/api#messageentity
 */
export function entitiesOf(text: string): readonly Entity[] {
  const names = Array.from(text.matchAll(mention), ({ 0: name, index }) => ({
    type: 'code' as const,
    offset: index,
    length: name.length,
  }));
  const codes = names.length < mostEntities ? names : [spanOf(names)];
  const { length } = text.split('\n', 1)[0] ?? '';
  // Code can be in nothing that is bold.
  const isPlain = codes.every(({ offset }) => offset >= length);
  return isPlain && length > 0 ? [{ type: 'bold', offset: 0, length }, ...codes] : codes;
}

/** From the first to the last. */
function spanOf(all: readonly Entity[]): Entity {
  const offset = all[0]?.offset ?? 0;
  const last = all.at(-1);
  return { type: 'code', offset, length: last ? last.offset + last.length - offset : 0 };
}
