import type { Pod } from './workload.ts';

/** A pod, and when the API server made it: a StatefulSet gives the same name to one after the other. */
export interface DatedPod extends Pod {
  readonly createdAt?: string;
}

/** What a container waits for that has not been tried yet. */
const beginnings: readonly (string | undefined)[] = [undefined, 'ContainerCreating', 'PodInitializing'];

/**
 * The pods that have failed at something already, and may do so again.
 *
 * @param before only those made before this (ISO 8601; undefined = whenever): what was made since is new.
 */
export function troubled(pods: readonly DatedPod[], before: string | undefined): ReadonlySet<string> {
  const isOld = ({ createdAt = '' }: DatedPod): boolean =>
    before === undefined || !(Date.parse(createdAt) >= Date.parse(before));
  const isTroubled = ({ containers }: DatedPod): boolean =>
    containers.some(({ restarts, waitingReason }) => restarts > 0 || !beginnings.includes(waitingReason));
  return new Set(pods.filter((pod) => isTroubled(pod) && isOld(pod)).map(idOf));
}

/** All but these. */
export function without(pods: readonly DatedPod[], these: ReadonlySet<string>): readonly DatedPod[] {
  return pods.filter((pod) => !these.has(idOf(pod)));
}

function idOf({ name, createdAt = '' }: DatedPod): string {
  return `${name} ${createdAt}`;
}
