/** A mail as a mail program reads it. */
export interface Letter {
  readonly raw: string;
  /** Names in lower case, values unfolded and decoded, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What is shown. */
  readonly text: string;
  /** Whether it is shown as HTML. */
  readonly html: boolean;
}

/** Reads a mail of one part: https://www.rfc-editor.org/rfc/rfc5322#section-2.1 */
export function readLetter(bytes: Uint8Array): Letter {
  const raw = Buffer.from(bytes).toString('latin1');
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n');
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), decodedWords(line.slice(colon + 1).trim())];
  });
  const valueOf = (name: string): string => headers.find(([given]) => given === name)?.[1] ?? '';
  const body = raw.slice(end + 4);
  const encoding = valueOf('content-transfer-encoding').toLowerCase();
  const decoded = encoding === 'quoted-printable' ? unquoted(body) : Buffer.from(body, 'latin1');
  const text = decoded.toString('utf8').replaceAll('\r\n', '\n').replace(/\n$/, '');
  return { raw, headers, text, html: !valueOf('content-type').startsWith('text/plain') };
}

/** The values of a header. */
export function headersOf({ headers }: Letter, name: string): readonly string[] {
  return headers.filter(([given]) => given === name.toLowerCase()).map(([, value]) => value);
}

/** What a mail server or a mail program could refuse in it: RFC 5322 2.1.1 and 3.6, RFC 2045. */
export function problemsIn(letter: Letter): readonly string[] {
  const once = ['from', 'to', 'date', 'subject', 'message-id', 'mime-version', 'content-type'];
  const isId = (value: string): boolean => /^<[\w.-]+@[\w.-]+>$/.test(value);
  return [
    ...once
      .filter((name) => headersOf(letter, name).length !== 1)
      .map((name) => `${name} must be there once`),
    ...['message-id', 'in-reply-to', 'references']
      .filter((name) => !headersOf(letter, name).every(isId))
      .map((name) => `${name} is no id`),
    ...headersOf(letter, 'content-transfer-encoding')
      .filter((value) => !['7bit', 'quoted-printable'].includes(value))
      .map((value) => `${value} is not read here`),
    ...(letter.raw.split('\r\n').some((line) => line.length > 998) ? ['a line is too long'] : []),
    // eslint-disable-next-line no-control-regex -- what a mail without 8BITMIME may be made of
    ...(/[^\x01-\x7f]|[^\r]\n|\r(?!\n)/.test(letter.raw) ? ['bytes that mail does not have'] : []),
  ];
}

/** https://www.rfc-editor.org/rfc/rfc2047#section-2 */
function decodedWords(value: string): string {
  const joined = value.replace(/\?=\s+=\?/g, '?==?');
  return joined.replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, way: string, text: string) =>
    way.toUpperCase() === 'B'
      ? Buffer.from(text, 'base64').toString('utf8')
      : unquoted(text.replaceAll('_', ' ')).toString('utf8'),
  );
}

/** https://www.rfc-editor.org/rfc/rfc2045#section-6.7 */
function unquoted(text: string): Buffer {
  const joined = text.replace(/=\r\n/g, '');
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}
