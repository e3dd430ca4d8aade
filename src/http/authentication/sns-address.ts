/** Whether an address is one of SNS itself: nothing else that a message names is ever asked. */
export function isSnsAddress(text: string): boolean {
  const url = URL.parse(text);
  // A port or a user would not be an address of theirs.
  return (
    url?.protocol === 'https:' &&
    /^sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/.test(url.host) &&
    url.username + url.password === ''
  );
}

/** Whether an address may hold a certificate of SNS. */
export function isSnsCertificate(text: string): boolean {
  return isSnsAddress(text) && new URL(text).pathname.endsWith('.pem');
}
