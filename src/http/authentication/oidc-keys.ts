import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
} from 'jose';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';

export interface OidcKeysOptions {
  readonly issuer: string;
  readonly clock: Clock;
  /** Gets the body of a 2xx answer; rejects on any other. */
  get(url: string, signal: AbortSignal): Promise<string>;
}

/** The keys that an issuer signs with: fetched when they are first needed, kept, and fetched anew when one is unknown. */
export interface OidcKeys {
  /**
   * The key that a token is said to be signed with.
   *
   * @throws JWKSNoMatchingKey (of jose) when the issuer has no such key; AppError `unavailable` when it cannot be asked.
   */
  find(header: JWSHeaderParameters, token: FlattenedJWSInput, signal: AbortSignal): Promise<CryptoKey>;
  /** Fetches the keys, so that nobody has to wait for them. Rejects as `find` does. */
  fetch(signal: AbortSignal): Promise<void>;
}

/** Unknown keys, which anybody can make up, do not make us ask more often than this. */
const minRefetchMs = 60_000;
/** After a fetch that failed. */
const minRetryMs = 5000;
/** A key that its issuer has withdrawn is not good for longer than this. */
const maxAgeMs = 3_600_000;

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Creates the keys of an issuer. */
export function createOidcKeys({ issuer, clock, get }: OidcKeysOptions): OidcKeys {
  let known: ReturnType<typeof createLocalJWKSet> | undefined;
  let fetching: Promise<void> | undefined;
  /** When the last fetch began. */
  let lastMs = -Infinity;
  let failure: unknown;
  const discover = async (signal: AbortSignal): Promise<void> => {
    const page = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const found = Discovery.parse(JSON.parse(await get(page, signal)));
    if (found.issuer !== issuer) throw new Error(`the issuer calls itself ${found.issuer}`);
    if (!isSafe(found.jwks_uri, issuer)) throw new Error('the address of its keys is not https');
    known = createLocalJWKSet(KeySet.parse(JSON.parse(await get(found.jwks_uri, signal))));
  };
  /** One at a time, and all who wait get its end. */
  const refetch = (signal: AbortSignal): Promise<void> => {
    if (fetching) return fetching;
    lastMs = clock.monotonicMs();
    failure = undefined;
    fetching = discover(signal)
      .catch((cause: unknown) => {
        failure = cause;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
  const ageMs = (): number => clock.monotonicMs() - lastMs;
  const waitMs = (): number => Math.max(0, (failure === undefined ? minRefetchMs : minRetryMs) - ageMs());
  const unavailable = (): AppError =>
    new AppError('unavailable', `the keys of ${issuer} cannot be had`, {
      ...{ cause: failure, retryAfterMs: Math.max(1000, waitMs()) },
    });
  return {
    async fetch(signal) {
      await refetch(signal);
      if (failure !== undefined) throw unavailable();
    },
    async find(header, token, signal) {
      const first = await known?.(header, token).catch(unknownKey);
      // Nobody waits for this, and when it fails the old keys go on.
      if (ageMs() > maxAgeMs) void refetch(signal);
      if (first) return first;
      if (fetching !== undefined || waitMs() === 0) await refetch(signal);
      if (failure !== undefined || known === undefined) throw unavailable();
      return known(header, token);
    },
  };
}

/** `undefined` for a key that is not among those that we have. */
function unknownKey(error: unknown): undefined {
  if (error instanceof errors.JWKSNoMatchingKey) return undefined;
  throw error;
}

/** By https; without it only where the issuer and its keys are on this machine, as in tests. */
function isSafe(url: string, issuer: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return true;
  return protocol === 'http:' && isLoopback(hostname) && isLoopback(new URL(issuer).hostname);
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
}
