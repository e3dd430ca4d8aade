import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { startCaptureServer, type CaptureServer } from '../../support/capture-server.ts';

/** A key pair with the name that it has among the keys of an issuer. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** Makes a key. */
export async function anIssuerKey(kid: string, alg = 'RS256'): Promise<IssuerKey> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) };
}

/** The public key as text, as somebody would use it who takes it for a shared secret. */
export function publicText({ publicKey }: IssuerKey): Promise<string> {
  return exportSPKI(publicKey);
}

/** A real OpenID Connect issuer, as far as who checks its tokens sees it. */
export interface Issuer {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  /** The keys that it shows from now on. */
  show(...keys: readonly IssuerKey[]): void;
  /** From now on it answers with this status, or again as it should. */
  fail(status: number | undefined): void;
  /** What its discovery document says besides. */
  describe(changes: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

/** Starts an issuer. */
export async function startIssuer(...first: readonly IssuerKey[]): Promise<Issuer> {
  let keys = first;
  let failure: number | undefined;
  let described: Readonly<Record<string, unknown>> = {};
  const asked: string[] = [];
  const server: CaptureServer = await startCaptureServer((response, request) => {
    asked.push(request.url);
    const answer = async (): Promise<unknown> => {
      if (request.url === '/keys') return { keys: await Promise.all(keys.map(toJwk)) };
      return { issuer: server.url, jwks_uri: `${server.url}/keys`, ...described };
    };
    void answer().then((body) => response.writeHead(failure ?? 200).end(JSON.stringify(body)));
  });
  return {
    ...{ url: server.url, asked, close: () => server.close() },
    show: (...shown) => {
      keys = shown;
    },
    fail: (status) => {
      failure = status;
    },
    describe: (changes) => {
      described = changes;
    },
  };
}

async function toJwk({ kid, alg, publicKey }: IssuerKey): Promise<unknown> {
  return { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
}

/** What a token says; undefined = not. */
export type Claims = Readonly<Record<string, unknown>>;

/** A token with these claims, signed by a key. */
export function aToken(claims: Claims, key: IssuerKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.privateKey);
}
