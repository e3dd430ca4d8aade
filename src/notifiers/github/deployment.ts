import { z } from 'zod';
import type { GithubCalls } from './calls.ts';

/** A deployment that GitHub has. */
export interface Deployment {
  readonly id: number;
  /** The commit that its ref stood for. */
  readonly sha: string;
}

/** A deployment that it should have. */
export interface WantedDeployment {
  /** `owner/name`. */
  readonly repository: string;
  readonly ref: string;
  readonly environment: string;
  readonly description: string;
  /** By `thread` it is found again. */
  readonly payload: { readonly thread: string; readonly [more: string]: unknown };
}

const Created = z.object({ id: z.number(), sha: z.string() });
const Listed = z.array(z.object({ ...Created.shape, payload: z.unknown() }));
const Ours = z.object({ updatekate: z.object({ thread: z.string() }) });

/** An answer has room for 64 KiB, and one deployment takes up to 10. */
const perPage = 5;
/** Those looked through: workloads that came to the same ref in the same environment at about the same time. */
const mostPages = 10;

/**
 * The deployment of a rollout: the one there is, or a new one. One that is created, and whose answer is lost, is found
 * by the next try.
 *
 * @throws AppError as the calls do.
 */
export async function deploymentFor(
  calls: GithubCalls,
  wanted: WantedDeployment,
  signal: AbortSignal,
): Promise<Deployment> {
  return (await found(calls, wanted, signal)) ?? (await created(calls, wanted, signal));
}

async function found(
  calls: GithubCalls,
  { repository, ref, environment, payload }: WantedDeployment,
  signal: AbortSignal,
): Promise<Deployment | undefined> {
  for (let page = 1; page <= mostPages; page++) {
    const query = new URLSearchParams({ ref, environment, per_page: String(perPage), page: String(page) });
    const path = `/repos/${repository}/deployments?${query.toString()}`;
    const listed = await calls.call(path, Listed, signal);
    const same = listed.find((one) => threadOf(one.payload) === payload.thread);
    if (same) return same;
    if (listed.length < perPage) return undefined;
  }
  return undefined;
}

function threadOf(payload: unknown): string | undefined {
  return Ours.safeParse(payload).data?.updatekate.thread;
}

/** It is a record of what happens anyway: nothing is merged for it, and no checks are waited for. */
async function created(
  calls: GithubCalls,
  { repository, ref, environment, description, payload }: WantedDeployment,
  signal: AbortSignal,
): Promise<Deployment> {
  const body = {
    ...{ ref, environment, description, task: 'deploy', auto_merge: false, required_contexts: [] },
    payload: { updatekate: payload },
  };
  return await calls.call(`/repos/${repository}/deployments`, Created, signal, body);
}
