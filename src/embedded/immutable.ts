import { isDeepStrictEqual } from 'node:util';
import { invalid, type Cause } from './api-error.ts';
import { objectOr, valueAt, without } from './json.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** The only parts of a StatefulSet's spec that may change. */
const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** Refuses a change of what never changes: the selector, and most of a StatefulSet. @throws ApiError 422 */
export function validateChange(resource: Resource, before: KubeObject, after: KubeObject): void {
  const causes = causesOf(resource, before, after);
  if (causes.length > 0) throw invalid(resource, after.metadata.name, causes);
}

function causesOf(resource: Resource, before: KubeObject, after: KubeObject): readonly Cause[] {
  if (resource.kind === 'StatefulSet') return statefulSet(before, after);
  if (resource.kind === 'ControllerRevision') return fixed(before, after, 'data');
  return resource.group === 'apps' ? fixed(before, after, 'spec.selector') : [];
}

function fixed(before: KubeObject, after: KubeObject, field: string): readonly Cause[] {
  const value = valueAt(after, field);
  if (isDeepStrictEqual(value, valueAt(before, field))) return [];
  const message = `Invalid value: ${JSON.stringify(objectOr(value))}: field is immutable`;
  return [{ reason: 'FieldValueInvalid', message, field }];
}

function statefulSet(before: KubeObject, after: KubeObject): readonly Cause[] {
  const kept = ({ spec }: KubeObject) => without(objectOr(spec), ...changeable);
  if (isDeepStrictEqual(kept(before), kept(after))) return [];
  const allowed = changeable.map((field) => `'${field}'`);
  const list = `${allowed.slice(0, -1).join(', ')} and ${allowed.at(-1) ?? ''}`;
  const message = `Forbidden: updates to statefulset spec for fields other than ${list} are forbidden`;
  return [{ reason: 'FieldValueForbidden', message, field: 'spec' }];
}
