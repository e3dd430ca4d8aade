import type { KubernetesUser, UpdateVerb } from '../../src/core/kubernetes-user.ts';
import type { Rest } from '../../src/core/rest.ts';
import type { Update } from '../../src/core/update.ts';
import { tokenHolders } from '../../src/http/voters.ts';
import { wireApprovals, type VotingSettings } from '../../src/wire/approvals.ts';
import { aWorkload } from '../support/builders.ts';
import { createHarness, type Harness, type HarnessOptions } from '../support/harness.ts';
import { startApp, type StartedApp } from '../support/http-app.ts';

/** Tokens of people, by name; `admin` is the administrator's. */
export const tokens = {
  admin: 'admin-token-canary',
  ann: 'ann-token-canary-1',
  bob: 'bob-token-canary-1',
  mallory: 'mallory-token-canary',
} as const;

/** A user of Kubernetes: who he is, what he may, and where (everywhere unless it is said). */
export interface FakeUser {
  readonly user: KubernetesUser;
  readonly may: readonly UpdateVerb[];
  readonly namespaces?: readonly string[];
  /** As RBAC's `resourceNames`. */
  readonly names?: readonly string[];
}

/** Users by token. */
export type FakeUsers = Readonly<Record<string, FakeUser>>;

/** What a SubjectAccessReview asks: `get shop/up-1`. */
interface Asked {
  readonly verb: UpdateVerb;
  readonly namespace: string;
  readonly name: string;
}

/** The real server over the real flows: two of ann, bob and whoever Kubernetes lets must approve. */
export interface ApprovalsApp extends StartedApp {
  readonly harness: Harness;
  readonly name: string;
  /** Every SubjectAccessReview so far: `get shop/up-1`. */
  readonly reviews: readonly string[];
  /** What is recorded of the update. */
  record(): Promise<Update>;
  /** Votes as the owner of the token, for what the record shows unless something else is said. */
  vote(kind: string, token: string, body?: Readonly<Record<string, unknown>>): Promise<Response>;
}

/** Starts it, with an update that waits. */
export async function startApprovals({
  users = {},
  nowMs = () => 0,
  ...options
}: HarnessOptions & {
  readonly users?: FakeUsers;
  /** By which failed attempts are counted. */
  readonly nowMs?: () => number;
} = {}): Promise<ApprovalsApp> {
  const annotations = {
    'updatekate.dev/policy': 'semver',
    'updatekate.dev/approvals': '2',
    'updatekate.dev/approvers': 'token:ann, token:bob, rbac',
  };
  const harness = createHarness({ workloads: [aWorkload({ annotations })], ...options });
  const { ann, bob, mallory } = tokens;
  const named = { ann: [ann], bob: [bob], mallory: [mallory] };
  const settings: VotingSettings = {
    holders: tokenHolders(tokens.admin, new Map(Object.entries(named))),
    kubernetes: Object.keys(users).length > 0,
    links: undefined,
  };
  const reviews: string[] = [];
  const app = await startApp({
    nowMs,
    approvals: wireApprovals(settings, fakeReviews(users, reviews), {
      ...harness.context,
      wake: harness.reconciler.wake,
    }).approvals,
  });
  const { updates } = await harness.push('1.1.0');
  await harness.settle();
  const [name = ''] = updates;
  const record = async (): Promise<Update> => {
    const stored = await harness.context.store.get(name);
    if (!stored) throw new Error(`no ${name}`);
    return stored.update;
  };
  return {
    ...{ ...app, harness, name, reviews, record },
    async vote(kind, token, body = {}) {
      const { approval } = await record();
      const said = { hash: approval?.hash, ...body };
      const headers = { authorization: `Bearer ${token}` };
      const answer = await app.post(`/api/v1/updates/${name}/${kind}`, said, headers);
      await harness.settle();
      return answer;
    },
  };
}

/** The two reviews of Kubernetes, over people that the test knows; what is asked is kept. */
function fakeReviews(users: FakeUsers, reviews: string[]): Rest {
  return {
    json({ path, body }) {
      const { spec } = body as { readonly spec: Readonly<Record<string, unknown>> };
      if (path.endsWith('/tokenreviews')) {
        const known = users[String(spec.token)];
        return Promise.resolve({ status: known ? { authenticated: true, user: known.user } : {} });
      }
      const asked = spec.resourceAttributes as Asked;
      reviews.push(`${asked.verb} ${asked.namespace}/${asked.name}`);
      const one = Object.values(users).find(({ user }) => user.username === spec.user);
      return Promise.resolve({ status: { allowed: one !== undefined && lets(one, asked) } });
    },
    lines: () => Promise.reject(new Error('nothing is watched here')),
  };
}

function lets({ may, namespaces, names }: FakeUser, { verb, namespace, name }: Asked): boolean {
  return may.includes(verb) && (namespaces?.includes(namespace) ?? true) && (names?.includes(name) ?? true);
}
