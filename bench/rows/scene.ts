import type { Api } from '../api.ts';
import type { Child } from '../child.ts';
import type { Pusher } from '../pusher.ts';
import type { Receiver } from '../receiver.ts';
import type { Service } from '../service.ts';

/** A running service with everything around it, at one size of the cluster. */
export interface Scene {
  readonly workloads: number;
  /** How many of them run the same image. */
  readonly shared: number;
  readonly api: Api;
  readonly service: Service;
  readonly pusher: Pusher;
  readonly receiver: Receiver;
  /** The bare client of the Kubernetes API, on the service's core. */
  readonly bare: Child;
}

/** `5,000`. */
export function counted(workloads: number): string {
  return workloads.toLocaleString('en-US');
}

let patchVersion = 0;

/** A tag that is newer than every one before it. */
export function nextTag(): string {
  return `1.0.${++patchVersion}`;
}

/** Names of `count` Deployments whose image nobody shares, spread over the cluster; of fewer, in turn. */
export function lonelyNames(
  { workloads, shared }: Pick<Scene, 'workloads' | 'shared'>,
  count: number,
): readonly string[] {
  const lonely = workloads - shared;
  const step = Math.max(1, Math.floor(lonely / count));
  return Array.from({ length: count }, (_, n) => `app-${shared + ((n * step) % lonely)}`);
}

/** Names of the Deployments that run the same image. */
export function sharedNames({ shared }: Scene): readonly string[] {
  return Array.from({ length: shared }, (_, n) => `shared-${n}`);
}
