import { isIP } from 'node:net';
import { z } from 'zod';
import { optional, parsed, text, withDefault } from './variable.ts';

const minSecret = 16;

/**
 * Several secrets, separated by white space. A phrase of short words is one secret: it was allowed before there could be
 * several. A mixture is refused, as it is a secret that is too short.
 */
export const secretList = parsed((given): readonly string[] | undefined => {
  const words = given.split(/\s+/);
  const short = words.filter(({ length }) => length < minSecret);
  if (short.length === 0) return words;
  return short.length === words.length && given.length >= minSecret ? [given] : undefined;
});

/** `source=secret` pairs, separated by white space; a source may have several. */
export const secretPairs = parsed((given): ReadonlyMap<string, readonly string[]> | undefined => {
  const pairs = given.split(/\s+/).map((pair) => /^([a-z][a-z0-9-]*)=(.{16,})$/.exec(pair));
  if (!pairs.every((pair) => pair !== null)) return undefined;
  const bySource = Map.groupBy(pairs, ([, source = '']) => source);
  return new Map([...bySource].map(([source, all]) => [source, all.map(([, , secret = '']) => secret)]));
});

/** An issuer's address, without what a discovery document cannot have. */
const issuer = z.string().refine((given) => {
  const url = URL.parse(given);
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url?.hostname ?? '');
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere);
  return isSafe && !/[?#]/.test(given) && url.username === '';
});

/** Words separated by spaces or commas. */
function list(word: z.ZodType<string, string>): z.ZodType<readonly string[], string> {
  return z
    .string()
    .transform((given) => given.split(/[\s,]+/).filter((one) => one !== ''))
    .pipe(z.array(word).min(1));
}

const topic = z.string().regex(/^arn:aws(?:-[a-z-]+)?:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/);
const network = z.string().refine((given) => {
  const [address = '', bits, ...more] = given.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
});
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/)
  .transform((name) => name.toLowerCase());

/** Who may send webhooks. */
export const authenticationVariables = {
  webhookToken: optional({
    name: 'UK_WEBHOOK_TOKEN',
    doc: 'Secret of all senders: a token, and the key of signatures (docs/authentication.md). Several, separated by spaces, while it is changed.',
    allowed: 'at least 16 characters each',
    schema: secretList,
    secret: true,
  }),
  webhookTokens: optional({
    name: 'UK_WEBHOOK_TOKENS',
    doc: 'Secrets of single sources, which replace that one for them. Several of a source while they are changed.',
    allowed: 'source=secret pairs, one a line or separated by spaces, secrets of at least 16 characters',
    schema: secretPairs,
    secret: true,
  }),
  oidcAudience: optional({
    name: 'UK_OIDC_AUDIENCE',
    doc: 'Lets in JSON Web Tokens (Bearer) that were issued for this audience, such as those of Google Pub/Sub.',
    allowed: 'a text',
    schema: text,
  }),
  oidcIssuer: withDefault('https://accounts.google.com', {
    name: 'UK_OIDC_ISSUER',
    doc: 'Who issues them.',
    allowed: 'an https URL',
    schema: issuer,
    url: true,
  }),
  oidcEmail: optional({
    name: 'UK_OIDC_EMAIL',
    doc: 'The verified email that they must have: the service account of the push subscription. Anyone gets tokens from Google.',
    allowed: 'a text',
    schema: text,
  }),
  oidcSubject: optional({
    name: 'UK_OIDC_SUBJECT',
    doc: 'The subject that they must have.',
    allowed: 'a text',
    schema: text,
  }),
  snsTopics: optional({
    name: 'UK_SNS_TOPICS',
    doc: 'Topics whose signed messages are let in, for the sources sns and ecr.',
    allowed: 'ARNs of SNS topics, separated by spaces or commas',
    schema: list(topic),
  }),
  trustedProxies: optional({
    name: 'UK_TRUSTED_PROXIES',
    doc: 'Proxies in front: X-Forwarded-For and the header of UK_CLIENT_CERT_HEADER are believed from these only.',
    allowed: 'addresses and networks such as 10.0.0.0/8, separated by spaces or commas',
    schema: list(network),
  }),
  clientCertHeader: optional({
    name: 'UK_CLIENT_CERT_HEADER',
    doc: 'Header in which they hand on the verified subject of a client certificate.',
    allowed: 'the name of a header, such as ssl-client-subject-dn or x-forwarded-client-cert',
    schema: headerName,
  }),
  clientCertSubject: optional({
    name: 'UK_CLIENT_CERT_SUBJECT',
    doc: 'The subject that it must have: a distinguished name such as CN=quay,O=Acme, or only the common name.',
    allowed: 'a distinguished name or a common name',
    schema: text,
  }),
  tlsCertFile: optional({
    name: 'UK_TLS_CERT_FILE',
    doc: 'Certificate chain with which the service itself listens with TLS. Empty: a proxy in front does that.',
    allowed: 'a PEM file',
    schema: text,
  }),
  tlsKeyFile: optional({
    name: 'UK_TLS_KEY_FILE',
    doc: 'Its private key.',
    allowed: 'a PEM file',
    schema: text,
  }),
  tlsClientCaFile: optional({
    name: 'UK_TLS_CLIENT_CA_FILE',
    doc: 'Authorities of client certificates, which are then asked for: UK_CLIENT_CERT_SUBJECT is let in.',
    allowed: 'a PEM file',
    schema: text,
  }),
} as const;
