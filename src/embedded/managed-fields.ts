import { timestamp } from './clock.ts';
import { compareFields, type Comparison } from './compare-fields.ts';
import { difference, isEmptySet, noFields, union } from './field-set.ts';
import { objectOr, type JsonObject } from './json.ts';
import type { KubeObject, ManagedEntry } from './objects.ts';

/** Who writes, and through what. */
export interface Writer {
  /** Under this name the fields that it sets are noted. */
  readonly manager: string;
  readonly subresource: 'status' | 'scale' | undefined;
  readonly now: Date;
}

/** The parts of a new object that the API server does not count as set by whoever made it, as they are always there. */
const alwaysThere: Readonly<Record<string, JsonObject>> = {
  Deployment: { strategy: {}, template: emptyTemplate() },
  StatefulSet: { updateStrategy: {}, template: emptyTemplate() },
  DaemonSet: { updateStrategy: {}, template: emptyTemplate() },
  CronJob: { jobTemplate: { metadata: {}, spec: { template: emptyTemplate() } } },
};

function emptyTemplate(): JsonObject {
  return { metadata: {}, spec: { containers: [] } };
}

/**
 * The object with a note of who owns which fields, as the API server keeps it for everything but server-side apply: who
 * sets a field to a new value owns it, and nobody else does. Workloads only, as nobody asks for others here; and however
 * many write, no entries are merged.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 *
 * @param before undefined = the object is new.
 */
export function withOwners(before: KubeObject | undefined, after: KubeObject, writer: Writer): KubeObject {
  const always = alwaysThere[after.kind];
  const known = before ? before.metadata.managedFields : [];
  // Of what somebody took the notes away, none are kept from then on.
  if (!always || !known || (before && !after.metadata.managedFields)) return after;
  const content = writer.subresource === 'scale' ? scaleIn : contentOf;
  const comparison = before
    ? compareFields(content(before), content(after))
    : compareFields({ metadata: {}, spec: always }, { ...contentOf(after), status: undefined });
  const managedFields = afterWrite(known, entryOf(after, writer), comparison);
  return { ...after, metadata: { ...after.metadata, managedFields } };
}

/** The same for what a controller writes: it comes through the subresource of the status. */
export function withController(before: KubeObject, after: KubeObject, now: Date): KubeObject {
  return withOwners(before, after, { manager: 'kube-controller-manager', subresource: 'status', now });
}

/** The entries once `own` did that. */
function afterWrite(
  known: readonly ManagedEntry[],
  own: ManagedEntry,
  { set, removed }: Comparison,
): readonly ManagedEntry[] {
  const lost = union(set, removed);
  const others = known.filter((entry) => !isSame(entry, own));
  const kept = others.map((entry) => ({ ...entry, fieldsV1: difference(entry.fieldsV1, lost) }));
  const former = known.find((entry) => isSame(entry, own));
  const fieldsV1 = union(difference(former?.fieldsV1 ?? noFields, removed), set);
  // Who only took fields away set nothing at that time.
  const latest = isEmptySet(set) && former ? former : own;
  const entries = [...kept, { ...latest, fieldsV1 }].filter((entry) => !isEmptySet(entry.fieldsV1));
  return entries.sort(byTime);
}

/** What can have an owner: of the metadata, only what is not the server's own. */
function contentOf({ metadata, spec, status }: KubeObject): JsonObject {
  const { labels, annotations, ownerReferences, finalizers } = objectOr(metadata);
  return { metadata: { labels, annotations, ownerReferences, finalizers }, spec, status };
}

/** A Scale has no field for no replicas: who scales to nothing that way owns nothing. */
function scaleIn({ spec }: KubeObject): JsonObject {
  const { replicas } = objectOr(spec);
  return { spec: { replicas: replicas === 0 ? undefined : replicas } };
}

/**
 * What a writer sets is noted here. Through the scale subresource the API server forgets when it was.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/apimachinery/pkg/util/managedfields/scalehandler.go
 */
function entryOf({ apiVersion }: KubeObject, { manager, subresource, now }: Writer): ManagedEntry {
  return {
    ...{ manager, operation: 'Update', apiVersion },
    ...(subresource === 'scale' ? {} : { time: timestamp(now) }),
    ...{ fieldsType: 'FieldsV1', fieldsV1: noFields },
    ...(subresource && { subresource }),
  };
}

function isSame(a: ManagedEntry, b: ManagedEntry): boolean {
  return a.manager === b.manager && a.subresource === b.subresource;
}

function byTime(a: ManagedEntry, b: ManagedEntry): number {
  const [left = '', right = ''] = [a, b].map(
    ({ time = '', manager, subresource = '' }) => `${time} ${manager} ${subresource}`,
  );
  return left < right ? -1 : 1;
}
