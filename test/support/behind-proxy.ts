import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll } from '@jest/globals';
import { createProxies, readProxyUrl, type Proxies } from '../../src/lib/proxy.ts';
import { aCertificate, type Certificate } from '../http/certificate.ts';

/** A certificate for these names, trusted while the tests of this file run. */
export function trustedCertificate(...hosts: readonly string[]): Certificate {
  const authority = aCertificate('authority');
  const usual = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...usual, authority.cert]));
  afterAll(() => setDefaultCACertificates(usual));
  return aCertificate('behind', authority, 2090, hosts);
}

/** Special characters in both, and a word that no error may hold. */
export const login = { written: 'us%40er:canary%3A%2Fss', sent: 'us@er:canary:/ss' };

/** Everything goes through this proxy, with the login. */
export function through(host: string, exempt = '', scheme = 'http'): Proxies {
  const proxy = readProxyUrl(`${scheme}://${login.written}@${host}`);
  return createProxies({ https: proxy, http: proxy, exempt });
}

/** All that an error says of itself and of what it came from. */
export function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return `${String(error)} ${error.stack ?? ''} ${JSON.stringify(error)} ${everythingOf(error.cause)}`;
}
