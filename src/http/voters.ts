import type { Request } from 'express';
import type { Person } from '../core/approval.ts';
import { AppError } from '../core/errors.ts';
import { namesOf, personOf, type KubernetesUsers, type UpdateVerb } from '../core/kubernetes-user.ts';
import type { Update } from '../core/update.ts';
import { systemClock } from '../lib/clock.ts';
import { bearerOf, presentsOneOf } from './authentication/token.ts';
import { unauthorized } from './errors.ts';
import { tokenReviews } from './limits.ts';
import { createTally } from './tally.ts';

/** Who has shown who he is. */
export interface Identity {
  readonly person: Person;
  /** What he may be called in a list of approvers. */
  readonly names: readonly string[];
  /** The way he came. */
  readonly via: 'api' | 'kubernetes';
  /** @throws AppError `unavailable` when who knows cannot be asked. */
  may(verb: UpdateVerb, update: Pick<Update, 'name' | 'workload'>): Promise<boolean>;
  /** Whether he may it with every update of a namespace. @throws AppError `unavailable` as above. */
  mayAll(verb: UpdateVerb, namespace: string): Promise<boolean>;
}

/** Finds out who asks. */
export interface Voters {
  /**
   * Whose Bearer token the request has; no other place counts.
   *
   * @throws AppError `unauthorized`, the same words for a missing and a wrong one; `forbidden` when nobody at all may
   * vote; `unavailable` when Kubernetes cannot be asked, or has been asked too often just now.
   */
  identify(request: Request, signal: AbortSignal): Promise<Identity>;
}

/** Somebody with tokens of ours. */
export interface TokenHolder {
  readonly name: string;
  readonly tokens: readonly string[];
  /** What he may without being named. */
  readonly verbs: readonly UpdateVerb[];
}

const admin = 'admin';
/** All TokenReviews are counted together. */
const kubernetesApi = 'kubernetes';
const tooManyReviews = `more than ${tokenReviews.most} tokens that are not ours in ${tokenReviews.windowMs} ms`;

/**
 * Whoever has a token of ours: the administrator, and those of `UK_APPROVAL_TOKENS`.
 *
 * @throws AppError `bad-config` when two of them have the same: nobody could tell who votes.
 */
export function tokenHolders(
  adminToken: string | undefined,
  approvalTokens: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly TokenHolder[] {
  const administrators: readonly TokenHolder[] =
    adminToken === undefined ? [] : [{ name: admin, tokens: [adminToken], verbs: ['get', 'override'] }];
  const named = [...approvalTokens].map(([name, tokens]): TokenHolder => ({ name, tokens, verbs: ['get'] }));
  const holders = [...administrators, ...named];
  for (const one of holders) {
    const other = holders.find((holder) => holder !== one && presentsOneOf(holder.tokens, one.tokens));
    if (!other) continue;
    const why = `${one.name} and ${other.name} have the same token: give everyone one of his own`;
    throw new AppError('bad-config', `UK_APPROVAL_TOKENS=*** is not allowed: ${why}`);
  }
  return holders;
}

/**
 * Knows voters by tokens of ours, and by those of Kubernetes where it is given.
 *
 * @param nowMs milliseconds that only grow.
 */
export function createVoters(
  holders: readonly TokenHolder[],
  kubernetes?: KubernetesUsers,
  nowMs: () => number = systemClock.monotonicMs,
): Voters {
  const reviews = createTally(tokenReviews, nowMs);
  return {
    async identify(request, signal) {
      if (holders.length === 0 && !kubernetes) throw nobodyMay();
      const token = bearerOf(request);
      if (token === undefined) throw unauthorized();
      // All are compared, so that the time does not tell whose it nearly was.
      const [holder] = holders.filter(({ tokens }) => presentsOneOf([token], tokens));
      if (holder) return byToken(holder);
      if (!kubernetes) throw unauthorized();
      const retryAfterMs = reviews.waitMs(kubernetesApi);
      // Whose token it is has not been found out: that is no "unauthorized".
      if (retryAfterMs > 0) throw new AppError('unavailable', tooManyReviews, { retryAfterMs });
      reviews.add(kubernetesApi);
      return byKubernetes(kubernetes, token, signal);
    },
  };
}

function byToken({ name, verbs }: TokenHolder): Identity {
  const id = `token:${name}`;
  return {
    person: { id, name },
    names: [id],
    via: 'api',
    may: (verb) => Promise.resolve(verbs.includes(verb)),
    mayAll: (verb) => Promise.resolve(verbs.includes(verb)),
  };
}

async function byKubernetes(
  kubernetes: KubernetesUsers,
  token: string,
  signal: AbortSignal,
): Promise<Identity> {
  const user = await kubernetes.whoHas(token, signal);
  if (!user) throw unauthorized();
  return {
    ...{ person: personOf(user), names: namesOf(user), via: 'kubernetes' },
    may: (verb, { name, workload }) =>
      kubernetes.may(user, verb, { name, namespace: workload.namespace }, signal),
    // A review without a name is about all of them: what RBAC allows by `resourceNames` does not count for it.
    mayAll: (verb, namespace) => kubernetes.may(user, verb, { name: '', namespace }, signal),
  };
}

function nobodyMay(): AppError {
  const ways = 'UK_ADMIN_TOKEN, UK_APPROVAL_TOKENS or UK_APPROVAL_KUBERNETES';
  return new AppError('forbidden', `nobody can vote here as long as the service has none of ${ways}`);
}
