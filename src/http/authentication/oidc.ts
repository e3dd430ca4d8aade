import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../../core/ports.ts';
import { sameSecret } from '../../core/secrets.ts';
import type { OidcKeys } from './oidc-keys.ts';
import { bearerOf } from './token.ts';
import type { Way } from './way.ts';

export interface OidcOptions {
  readonly issuer: string;
  /** What `aud` must be or contain. */
  readonly audience: string;
  /** What `email` must be, verified by the issuer; undefined = any. */
  readonly email: string | undefined;
  /** What `sub` must be; undefined = any. */
  readonly subject: string | undefined;
  readonly keys: Pick<OidcKeys, 'find'>;
  readonly clock: Clock;
}

/** Asymmetric ones only: with others our copy of the public key could be used to sign. */
const algorithms = ['RS256', 'ES256'];
const toleranceSeconds = 60;

/**
 * Lets in who presents a JSON Web Token of an issuer as Bearer: Google's Pub/Sub, or a workload with an identity.
 * https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
 */
export function oidcWay(options: OidcOptions): Way {
  const { issuer, audience, keys, clock } = options;
  return {
    serves: () => true,
    async admits(carrier, _webhook, signal) {
      const token = bearerOf(carrier);
      if (token?.split('.').length !== 3) return false;
      try {
        const { payload } = await jwtVerify(token, (header, jws) => keys.find(header, jws, signal), {
          ...{ algorithms, issuer, audience, requiredClaims: ['exp'] },
          ...{ clockTolerance: toleranceSeconds, currentDate: clock.now() },
        });
        return isExpected(payload, options);
      } catch (error) {
        if (error instanceof errors.JOSEError) return false;
        throw error;
      }
    },
  };
}

function isExpected(claims: JWTPayload, { email, subject }: OidcOptions): boolean {
  // Some write the flag as text.
  const verified = claims.email_verified === true || claims.email_verified === 'true';
  const rightEmail = email === undefined || (verified && isSame(claims.email, email));
  return rightEmail && (subject === undefined || isSame(claims.sub, subject));
}

function isSame(given: unknown, expected: string): boolean {
  return typeof given === 'string' && sameSecret(given, expected);
}
