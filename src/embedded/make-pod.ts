import { newObject } from './admit.ts';
import { timestamp } from './clock.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectMeta, PodTemplate } from './objects.ts';
import { resourceNamed } from './resources.ts';
import { shortHash } from './template-hash.ts';

const pods = resourceNamed('pods');

/** Who makes pods. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** A pod to make: of which template, and what it carries beside it. */
export interface NewPod {
  readonly template: PodTemplate;
  /** Default: the owner's, with a few random letters. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Fields of its spec that the template does not have. */
  readonly spec?: Readonly<Record<string, string>>;
}

type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

/** How an object names the one that controls it. */
export function ownerReference({ apiVersion, kind, metadata }: Owner): OwnerReference {
  const { name, uid = '' } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Makes a pod on the cluster's only node; answers its name. */
export function makePod({ state, clock, uid }: Cluster, owner: Owner, pod: NewPod): string {
  const id = uid();
  const { name = `${owner.metadata.name}-${shortHash(id, 5)}` } = pod;
  const { labels, annotations } = pod.template.metadata ?? {};
  const metadata = {
    ...{ name, namespace: owner.metadata.namespace, labels: { ...labels, ...pod.labels } },
    ...(annotations && { annotations }),
    ownerReferences: [ownerReference(owner)],
  };
  const spec = { ...pod.template.spec, ...pod.spec, nodeName };
  const birth = { uid: id, creationTimestamp: timestamp(clock.now()) };
  state.put(pods, newObject(pods, { metadata, spec }, birth));
  return name;
}

const nodeName = 'embedded';
