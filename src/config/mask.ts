/**
 * Secrets that are known by how they begin. Not `task-…`, nor the account and the topic of an ARN, which are the number
 * and the words of a bot's token.
 */
const tokens = [
  /xox[a-z]-[\w.-]+/,
  /(?<![A-Za-z\d])xapp-\d[\w.-]+/,
  /(?<=\/bot)\d+:[^\s/]+/,
  /(?<!\d)(?=\d{6,}:[\w-]{20})(?<!arn:\S{0,60})\d+:[\w-]+/,
  /(?<![A-Za-z\d])gh[pousr]_\w+/,
  /github_pat_\w+/,
  /whsec_[\w+/=-]+/,
  /(?<![A-Z\d])A[KS]IA[A-Z\d]{12,}/,
  /(?<![A-Za-z\d])sk-[\w-]{20,}/,
  /(?<![A-Za-z\d])eyJ[\w-]+\.[\w-]+\.[\w-]*/,
];
const anyToken = new RegExp(tokens.map(({ source }) => source).join('|'), 'g');

/** A text without what looks like a well-known secret in it, wherever somebody wrote one by mistake. */
export function withoutTokens(text: string): string {
  return text.replace(anyToken, '***');
}

/** The same of every text and every key in what is shown as a whole. What is no plain data stays as it is. */
export function shownData(given: unknown): unknown {
  if (typeof given === 'string') return withoutTokens(given);
  if (typeof given !== 'object' || given === null) return given;
  if (Array.isArray(given)) return given.map(shownData);
  return Object.fromEntries(Object.entries(given).map(([key, one]) => [withoutTokens(key), shownData(one)]));
}

/** An address without its login: whoever writes a password into one, where none belongs, shall not find it in the log. */
export function withoutLogin(text: string): string {
  return withoutTokens(text.replace(URL.canParse(text) ? /\/\/[^/?#]*@/ : /\/\/.*@/s, '//***@'));
}

/**
 * What may be an address or not, without what may be a login, also one without a scheme before it, and without a query. A
 * password may have anything in it and ends at the last @, unless that is in a query: then nothing is shown.
 */
export function withoutSecrets(text: string): string {
  return withoutTokens(text)
    .replace(/^[^\s/:@]+:(?!\/\/).*[?#].*@.*/s, '***')
    .replace(/^[^\s/:@]+:(?!\/\/).*@/s, '***@')
    .replace(/\/\/.*[?#].*@.*/s, '//***')
    .replace(/\/\/.*@/s, '//***@')
    .replace(/(\/\/[^\s?#]*[?#])\S+/g, '$1***');
}

/** What was given as a URL. In a text that is none, nobody knows where a password is. */
export function shownUrl(text: string): string {
  return /^https?:\/\//i.test(text) ? withoutSecrets(text) : '***';
}

/**
 * Whether a text looks like the name of a variable. What does not may be the secret itself, in the place of the name, as
 * may capitals in one long row: a routing key of PagerDuty is 32 of them, with digits.
 */
export function looksLikeVariable(text: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(text) && !/[A-Z0-9]{21}/.test(text) && withoutTokens(text) === text;
}

/** Whether a text looks like the path of a file, and has nothing in it that only a secret or an address would have. */
export function looksLikePath(text: string): boolean {
  return /^(?:\.{0,2}\/|[A-Za-z]:[\\/])[^:?@+=]*$/.test(text);
}
