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
