import { TLSSocket } from 'node:tls';
import { sameSecret } from '../../core/secrets.ts';
import type { ClientAddresses } from '../client-address.ts';
import { commonName, isSameName, parseName, type DistinguishedName } from './distinguished-name.ts';
import { envoySubject } from './envoy-subject.ts';
import type { Carrier, Way } from './way.ts';

/** The only header that has more in it than a name. */
const envoyHeader = 'x-forwarded-client-cert';

export interface ClientCertificateOptions {
  /** The distinguished name that is accepted, or only its common name. */
  readonly subject: string;
  /** The header in which our proxies hand on the name that they verified, in lower case; undefined = there are none. */
  readonly header: string | undefined;
  readonly clients: ClientAddresses;
}

/** Lets in who has a certificate of this name, verified by a proxy of ours or by our own TLS. */
export function clientCertificateWay({ subject, header, clients }: ClientCertificateOptions): Way {
  const isAccepted = nameCheck(subject);
  return {
    serves: () => true,
    admits(carrier) {
      const direct = verifiedByUs(carrier);
      // From anybody else the header is only something that was written.
      const handed =
        header !== undefined && clients.isProxied(carrier) ? handedOn(carrier, header) : undefined;
      return Promise.resolve([direct, handed].some((name) => name !== undefined && isAccepted(name)));
    },
  };
}

/** Whether a text is a distinguished name or a common name: what the start refuses otherwise. */
export function isSubject(text: string): boolean {
  return !text.includes('=') || parseName(text) !== undefined;
}

function nameCheck(subject: string): (name: DistinguishedName) => boolean {
  if (!subject.includes('=')) return (name) => sameSecret(commonName(name) ?? '', subject);
  const wanted = parseName(subject);
  return (name) => wanted !== undefined && isSameName(name, wanted);
}

function verifiedByUs({ socket }: Carrier): DistinguishedName | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const text = socket.getPeerX509Certificate()?.subject;
  return text === undefined ? undefined : parseName(text);
}

/** What the nearest proxy says. Two of the same header are not its doing. */
function handedOn({ headersDistinct }: Carrier, header: string): DistinguishedName | undefined {
  const [value, ...more] = headersDistinct[header] ?? [];
  // nginx can be told to hand on a name that it did not verify; then it says so here.
  const verdicts = headersDistinct['ssl-client-verify'] ?? ['SUCCESS'];
  if (value === undefined || more.length > 0 || verdicts.some((verdict) => verdict !== 'SUCCESS'))
    return undefined;
  return parseName(header === envoyHeader ? (envoySubject(value) ?? '') : value);
}
