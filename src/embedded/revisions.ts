import { newObject } from './admit.ts';
import { timestamp } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { ownerReference, type Owner } from './make-pod.ts';
import type { ControllerRevision, PodTemplate } from './objects.ts';
import { resourceNamed } from './resources.ts';
import type { Stored } from './state.ts';
import { shortHash, templateHash } from './template-hash.ts';

const revisions = resourceNamed('controllerrevisions');

/** The label with the revision of a pod. */
export const revisionLabel = 'controller-revision-hash';

/** A workload that remembers its templates as ControllerRevisions. */
export interface Remembering extends Owner {
  readonly spec: { readonly template: PodTemplate; readonly revisionHistoryLimit?: number | undefined };
}

/** Stands for a workload's template; other kinds have others, as they may share a name. */
export function revisionHash({ kind, spec }: Remembering): string {
  return shortHash(`${kind}/${templateHash(spec.template)}`, 10);
}

/** The name of the revision with a workload's template. */
export function revisionName(owner: Remembering): string {
  return `${owner.metadata.name}-${revisionHash(owner)}`;
}

/** The revisions among what a workload controls, oldest first. */
export function revisionsAmong(owned: readonly Stored[]): readonly ControllerRevision[] {
  return owned
    .filter(({ resource }) => resource === revisions)
    .map(({ object }) => object as unknown as ControllerRevision)
    .sort((a, b) => a.revision - b.revision);
}

/** Sees to it that the newest of the `known` revisions has the workload's template: a new one, or one brought back. */
export function remember(
  { state, clock, uid }: Cluster,
  owner: Remembering,
  known: readonly ControllerRevision[],
): void {
  const name = revisionName(owner);
  const newest = known.at(-1);
  if (newest?.metadata.name === name) return;
  const revision = (newest?.revision ?? 0) + 1;
  const ownerReferences = [ownerReference(owner)];
  const before = state.get(revisions, owner.metadata.namespace ?? '', name);
  if (before) {
    const metadata = { ...before.metadata, ownerReferences };
    state.put(revisions, { ...before, metadata, revision });
    return;
  }
  const { namespace, annotations } = owner.metadata;
  const labels = { ...owner.spec.template.metadata?.labels, [revisionLabel]: revisionHash(owner) };
  const fields = {
    metadata: {
      ...{ name, namespace, labels },
      ...(annotations && { annotations }),
      ownerReferences,
    },
    data: { spec: { template: { ...owner.spec.template, $patch: 'replace' } } },
    revision,
  };
  const birth = { uid: uid(), creationTimestamp: timestamp(clock.now()) };
  state.put(revisions, newObject(revisions, fields, birth));
}

/** Forgets the oldest revisions beyond the limit, but none of those that are `live`, by name. */
export function forget(
  { state }: Cluster,
  { metadata, spec }: Remembering,
  known: readonly ControllerRevision[],
  live: readonly string[],
): void {
  const idle = known.filter(({ metadata: { name } }) => !live.includes(name));
  const surplus = idle.slice(0, Math.max(0, idle.length - (spec.revisionHistoryLimit ?? 10)));
  for (const old of surplus) state.remove(revisions, metadata.namespace ?? '', old.metadata.name);
}
