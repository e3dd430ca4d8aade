import { z } from 'zod';
import type { GithubCalls } from './calls.ts';

/** Where deployments are. */
export interface DeploymentPlace {
  /** `owner/name`. */
  readonly repository: string;
  readonly environment: string;
  /** All of them when it is not said. */
  readonly ref?: string;
}

/** A deployment that GitHub has. */
export interface Deployment {
  readonly id: number;
  /** The commit that its ref stood for. */
  readonly sha: string;
  /** What we know it by; `undefined` when it is somebody else's. */
  readonly told: Told | undefined;
}

/** A deployment that it should have. */
export interface WantedDeployment extends DeploymentPlace {
  readonly ref: string;
  readonly description: string;
  readonly payload: Told & Readonly<Record<string, unknown>>;
}

const Told = z.object({
  thread: z.string(),
  /** When the rollout began; empty in what was written before there was such a thing. */
  at: z.string().default(''),
  ...{ cluster: z.string().optional(), namespace: z.string().optional() },
  ...{ kind: z.string().optional(), name: z.string().optional() },
});
export type Told = z.output<typeof Told>;

const Created = z.object({ id: z.number(), sha: z.string() });
const Listed = z.array(z.object({ ...Created.shape, payload: z.unknown() }));
const Ours = z.object({ updatekate: Told });
const Statuses = z.array(z.object({ state: z.string() }));

/** An answer has room for 64 KiB, and one deployment takes up to 10. */
const perPage = 5;
/** Those looked through: workloads that came to the same ref in the same environment at about the same time. */
const mostPages = 10;

/** The newest fifty, newest first. @throws AppError as the calls do. */
export async function* deploymentsIn(
  calls: GithubCalls,
  { repository, ...place }: DeploymentPlace,
  signal: AbortSignal,
): AsyncGenerator<Deployment, undefined> {
  for (let page = 1; page <= mostPages; page++) {
    const query = new URLSearchParams({ ...place, per_page: String(perPage), page: String(page) });
    const path = `/repos/${repository}/deployments?${query.toString()}`;
    const listed = await calls.call(path, Listed, signal);
    for (const { id, sha, payload } of listed)
      yield { id, sha, told: Ours.safeParse(payload).data?.updatekate };
    if (listed.length < perPage) return;
  }
}

/**
 * The deployment of the rollout that has this thread; `undefined` when there is none.
 *
 * @throws AppError as the calls do.
 */
export async function deploymentOf(
  calls: GithubCalls,
  place: DeploymentPlace,
  thread: string,
  signal: AbortSignal,
): Promise<Deployment | undefined> {
  for await (const one of deploymentsIn(calls, place, signal)) if (one.told?.thread === thread) return one;
  return undefined;
}

/**
 * Makes one. It is a record of what happens anyway: nothing is merged for it, and no checks are waited for. When its
 * answer is lost, it is found by the next try.
 *
 * @throws AppError as the calls do.
 */
export async function createDeployment(
  calls: GithubCalls,
  { repository, ref, environment, description, payload }: WantedDeployment,
  signal: AbortSignal,
): Promise<Deployment> {
  const body = {
    ...{ ref, environment, description, task: 'deploy', auto_merge: false, required_contexts: [] },
    payload: { updatekate: payload },
  };
  const created = await calls.call(`/repos/${repository}/deployments`, Created, signal, body);
  return { ...created, told: payload };
}

/** The state that it has now; `undefined` when it has none. @throws AppError as the calls do. */
export async function stateOf(
  calls: GithubCalls,
  { repository }: DeploymentPlace,
  { id }: Deployment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = `/repos/${repository}/deployments/${id}/statuses?per_page=1`;
  const [newest] = await calls.call(path, Statuses, signal);
  return newest?.state;
}
