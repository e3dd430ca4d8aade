/** One place of a glob: any number of characters, or one character that passes. */
type Part = 'any' | ((character: string) => boolean);

const pieces = /\*+|\?|\[[!^]?[^\]]+\]|[A-Za-z0-9._-]|[^]/gu;

/**
 * Reads a glob over whole tags: `*`, `?`, `[a-z]`, `[!a-z]`. A text is what is wrong with it; what could stand in no
 * tag is wrong, because nothing would ever match.
 */
export function readGlob(glob: string): ((tag: string) => boolean) | string {
  if (glob === '') return 'the pattern is empty';
  const parts: Part[] = [];
  for (const [piece] of glob.matchAll(pieces)) {
    const part = readPart(piece);
    if (part === undefined) return `"${glob}" has ${JSON.stringify(piece)}, which can stand in no tag`;
    parts.push(part);
  }
  return (tag) => matches(parts, tag);
}

function readPart(piece: string): Part | undefined {
  if (piece.startsWith('*')) return 'any';
  if (piece === '?') return () => true;
  if (piece.length > 1 && piece.startsWith('[')) return readSet(piece.slice(1, -1));
  return /^[A-Za-z0-9._-]$/.test(piece) ? (character) => character === piece : undefined;
}

function readSet(text: string): Part {
  const isNegated = /^[!^]./su.test(text);
  const ranges = [...text.slice(isNegated ? 1 : 0).matchAll(/([^])-([^])|([^])/gu)];
  const bounds = ranges.map(([, low, high, single = '']) => [low ?? single, high ?? single] as const);
  return (character) => bounds.some(([low, high]) => character >= low && character <= high) !== isNegated;
}

/** Greedy with one place to come back to: time grows with tag times glob, never faster. */
function matches(parts: readonly Part[], tag: string): boolean {
  let [at, part, star, resume] = [0, 0, -1, 0];
  while (at < tag.length) {
    const wanted = parts[part];
    if (wanted === 'any') {
      [star, resume] = [part++, at];
    } else if (wanted?.(tag.charAt(at)) === true) {
      at++;
      part++;
    } else {
      if (star < 0) return false;
      part = star + 1;
      at = ++resume;
    }
  }
  return parts.slice(part).every((rest) => rest === 'any');
}
