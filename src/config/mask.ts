/** An address without its login: whoever writes a password into one, where none belongs, shall not find it in the log. */
export function withoutLogin(text: string): string {
  return text.replace(URL.canParse(text) ? /\/\/[^/?#]*@/ : /\/\/.*@/s, '//***@');
}

/**
 * What may be an address or not, without what may be a login, also one without a scheme before it, and without a query. A
 * password may have anything in it and ends at the last @, unless that is in a query: then nothing is shown.
 */
export function withoutSecrets(text: string): string {
  return text
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
  return /^[A-Z][A-Z0-9_]*$/.test(text) && !/[A-Z0-9]{21}/.test(text);
}

/** Whether a text looks like the path of a file, and has nothing in it that only a secret or an address would have. */
export function looksLikePath(text: string): boolean {
  return /^(?:\.{0,2}\/|[A-Za-z]:[\\/])[^:?@+=]*$/.test(text);
}
