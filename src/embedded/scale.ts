import { badRequest } from './api-error.ts';
import { defined, isObject, objectOr, valueAt } from './json.ts';
import type { Deployment, KubeObject, StatefulSet } from './objects.ts';

/** The `autoscaling/v1` Scale of a Deployment or StatefulSet. */
export function scaleOf(object: KubeObject): KubeObject {
  const { metadata, spec, status } = object as unknown as Deployment | StatefulSet;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = Object.entries(spec.selector.matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...defined({ namespace, uid, resourceVersion, creationTimestamp }) },
    spec: { replicas: spec.replicas ?? 1 },
    status: { replicas: status?.replicas ?? 0, selector },
  };
}

/** The object's body with the replicas and the preconditions of a Scale. @throws ApiError 400 */
export function withScale(object: KubeObject, scale: unknown): KubeObject {
  if (!isObject(scale) || !isObject(scale.spec)) throw badRequest('the body is not a Scale');
  const { name, resourceVersion, uid } = objectOr(scale.metadata);
  return {
    ...object,
    metadata: { ...object.metadata, ...defined({ name, resourceVersion, uid }) },
    spec: { ...objectOr(object.spec), replicas: valueAt(scale, 'spec.replicas') ?? 0 },
  };
}
