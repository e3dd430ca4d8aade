import { LineCounter, parseDocument, visit, type Document, type ErrorCode, type Node } from 'yaml';
import { messageOf } from '../../core/errors.ts';

/** The value of a YAML text, or what is wrong with the text, each with line and column. */
export type ReadYaml =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

const maxBytes = 1024 * 1024;
/** Lists can be shared between environments; a bomb multiplies far more. */
const maxAliasCount = 100;

/** Where the parser's own words would quote the file, or would not help. */
const ownWords: Partial<Record<ErrorCode, string>> = {
  UNEXPECTED_TOKEN: 'something stands here that does not belong here',
  RESOURCE_EXHAUSTION: 'nested too deep',
  MULTIPLE_DOCS: 'a second document begins here; allowed: one',
  TAG_RESOLVE_FAILED: 'tags (!name) are not allowed',
  NON_STRING_KEY: 'a key is a list or a section; allowed: a text',
};

/**
 * Reads YAML 1.2 (or JSON, which is YAML too): one document of at most 1 MiB, no key twice, no tags. An empty text is
 * null. Total. Of a text that is no YAML the first fault is told: the others mostly follow from it.
 */
export function readYaml(text: string): ReadYaml {
  if (Buffer.byteLength(text) > maxBytes) return problems('larger than 1 MiB');
  try {
    return readDocument(text);
  } catch (error) {
    return problems(aboutAliases(error));
  }
}

function readDocument(text: string): ReadYaml {
  const lines = new LineCounter();
  const at = (offset: number, what: string): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}: ${what}`;
  };
  // Keys are compared below: the parser compares each with each, which takes minutes for a long file.
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) return problems(at(fault.pos[0], ownWords[fault.code] ?? fault.message));
  const wrong = wrongKeys(document).map(({ offset, what }) => at(offset, what));
  if (wrong.length > 0) return problems(...wrong);
  return { kind: 'value', value: document.toJS({ maxAliasCount }) as unknown };
}

interface WrongKey {
  readonly offset: number;
  readonly what: string;
}

/** Keys that are there twice, and the one that would change what objects are. */
function wrongKeys(document: Document): readonly WrongKey[] {
  const wrong: WrongKey[] = [];
  visit(document, {
    Map(_at, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        const [text, offset] = [String(key), (key as Node).range?.[0] ?? 0];
        if (seen.has(text)) wrong.push({ offset, what: 'this key is here already; allowed: each key once' });
        if (text === '__proto__') wrong.push({ offset, what: 'the key __proto__ is not allowed' });
        seen.add(text);
      }
    },
  });
  return wrong;
}

/** Aliases are followed last, without knowing where they stand. */
function aboutAliases(error: unknown): string {
  const message = messageOf(error);
  if (error instanceof RangeError) return 'nested too deep';
  if (message.startsWith('Excessive alias count'))
    return `more than ${maxAliasCount} values come from aliases (*name)`;
  return message.startsWith('Unresolved alias')
    ? 'an alias (*name) has no anchor (&name) before it'
    : message;
}

function problems(...found: readonly string[]): ReadYaml {
  return { kind: 'problems', problems: found };
}
