import { z } from 'zod';
import { identityOf, type Person } from './approval.ts';

/** A user of Kubernetes, as the API server knows him by a token that it has looked at. */
export interface KubernetesUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What somebody may do to an ImageUpdate. */
export type UpdateVerb = 'get' | 'approve' | 'override';

/** An update for the question who may do what: its name (empty = all of them), in the namespace of its workload. */
export interface UpdatePlace {
  readonly name: string;
  readonly namespace: string;
}

/** What Kubernetes says of its users. */
export interface KubernetesUsers {
  /**
   * Whose token this is; `undefined` when it is nobody's.
   *
   * @throws AppError `unavailable` when Kubernetes cannot be asked, or does not let us ask.
   */
  whoHas(token: string, signal: AbortSignal): Promise<KubernetesUser | undefined>;
  /** Whether he may. @throws AppError `unavailable` as above. */
  may(user: KubernetesUser, verb: UpdateVerb, update: UpdatePlace, signal: AbortSignal): Promise<boolean>;
}

/** A name that some other way of voting gives out, or a word of its own among approvers. */
const ofOthers = /^(?:(?:token|slack|group|kubernetes):.*|@.*|[UWS][A-Z0-9]{8,}|rbac)$/is;

/** Who he is. A name that is an address is known by it, whatever way its owner comes. */
export function personOf({ username }: KubernetesUser): Person {
  // As it is written: small letters would turn some signs into letters of ASCII.
  if (!z.email().safeParse(username).success) return { id: `kubernetes:${username}`, name: username };
  const email = username.toLowerCase();
  return { id: email, name: username, email };
}

/** What he may be called in a list of approvers. Who may choose his user name does not become somebody else by it. */
export function namesOf(user: KubernetesUser): readonly string[] {
  const { username, groups } = user;
  // Also what only looks like one.
  const own = ofOthers.test(identityOf(username)) ? [] : [username];
  const all = [personOf(user).id, ...own, `kubernetes:${username}`, ...groups.map((name) => `group:${name}`)];
  return [...new Set(all)];
}
