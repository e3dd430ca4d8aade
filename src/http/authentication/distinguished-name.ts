/** The parts of a distinguished name, such as `CN=quay`, most special first; attribute types in upper case. */
export type DistinguishedName = readonly string[];

/**
 * Reads a name as proxies and tools write it: `CN=quay,O=Acme` (RFC 4514, also with spaces), or lines (Node), where the
 * most general part is first. https://www.rfc-editor.org/rfc/rfc4514
 *
 * @returns undefined when it is none.
 */
export function parseName(text: string): DistinguishedName | undefined {
  const isInLines = text.includes('\n');
  const parts = split(text, isInLines ? '\n' : ',').map(partOf);
  if (!parts.every((part) => part !== undefined)) return undefined;
  return isInLines ? parts.reverse() : parts;
}

/**
 * Whether two names are the same, part by part. Some tools write the most general part first, so one may be the other
 * backwards.
 */
export function isSameName(a: DistinguishedName, b: DistinguishedName): boolean {
  const isLike = (other: DistinguishedName): boolean =>
    a.length === other.length && a.every((part, index) => part === other[index]);
  return isLike(b) || isLike([...b].reverse());
}

/** The common name, when there is exactly one. */
export function commonName(name: DistinguishedName): string | undefined {
  const [first, ...more] = name.filter((part) => part.startsWith('CN='));
  return more.length === 0 ? first?.slice('CN='.length) : undefined;
}

/** Splits where no backslash and no quotes are in the way. */
function split(text: string, separator: string): readonly string[] {
  const parts = [''];
  let isQuoted = false;
  for (const [token] of text.matchAll(/\\.|[^\\]/gs)) {
    if (token === '"') isQuoted = !isQuoted;
    if (token === separator && !isQuoted) parts.push('');
    else parts.push((parts.pop() ?? '') + token);
  }
  return parts;
}

function partOf(text: string): string | undefined {
  const [, type, value = ''] = /^\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=\s*(.*?)\s*$/s.exec(text) ?? [];
  return type === undefined ? undefined : `${type.toUpperCase()}=${unescape(value)}`;
}

/** `\,` and `"a,b"` as they are meant; `\C3\BC` are bytes of UTF-8. */
function unescape(value: string): string {
  const inner = /^"(.*)"$/s.exec(value)?.[1] ?? value;
  return inner.replace(/(?:\\[0-9a-f]{2})+|\\./gis, (escaped) =>
    /^\\[0-9a-f]{2}/i.test(escaped)
      ? Buffer.from(escaped.replaceAll('\\', ''), 'hex').toString('utf8')
      : escaped.slice(1),
  );
}
