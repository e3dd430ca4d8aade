import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { invalid, type Cause } from './api-error.ts';
import { objectOr, valueAt } from './json.ts';
import { anyShape, shapes, type Deployment, type KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

const nameForm = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The object, when it has the shape of its kind. @throws ApiError 422 */
export function validate(resource: Resource, object: KubeObject): KubeObject {
  const { name } = object.metadata;
  const parsed = (shapes[resource.kind] ?? anyShape).safeParse(object);
  const causes = parsed.success ? rules(resource, object) : parsed.error.issues.map(causeOf);
  const badName = typeof name === 'string' && (name.length > 253 || !nameForm.test(name));
  const all = badName ? [nameCause(name), ...causes] : causes;
  if (all.length > 0) throw invalid(resource, name, all);
  return object;
}

function causeOf(issue: z.core.$ZodIssue): Cause {
  const field = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`),
    '',
  );
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return {
    reason: missing ? 'FieldValueRequired' : 'FieldValueInvalid',
    message: missing ? 'Required value' : `Invalid value: ${issue.message}`,
    field: field.slice(1),
  };
}

function nameCause(name: string): Cause {
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return {
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(name)}: ${rule}`,
    field: 'metadata.name',
  };
}

/** What holds between fields, once each has its shape. */
function rules(resource: Resource, object: KubeObject): readonly Cause[] {
  if (resource.kind !== 'Deployment' && resource.kind !== 'ReplicaSet') return [];
  const { selector, template } = (object as unknown as Deployment).spec;
  const labels = template.metadata?.labels ?? {};
  const selected = Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
  const names = template.spec.containers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const causes: Cause[] = [];
  if (!selected) {
    const value = JSON.stringify(labels);
    const message = `Invalid value: ${value}: \`selector\` does not match template \`labels\``;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.template.metadata.labels' });
  }
  if (twice !== undefined) {
    const message = `Duplicate value: ${JSON.stringify(twice)}`;
    const field = `spec.template.spec.containers[${names.lastIndexOf(twice)}].name`;
    causes.push({ reason: 'FieldValueDuplicate', message, field });
  }
  return causes;
}

/** The selector of a Deployment or ReplicaSet never changes. @throws ApiError 422 */
export function validateChange(resource: Resource, before: KubeObject, after: KubeObject): void {
  if (resource.group !== 'apps') return;
  const selector = valueAt(after, 'spec.selector');
  if (isDeepStrictEqual(selector, valueAt(before, 'spec.selector'))) return;
  const message = `Invalid value: ${JSON.stringify(objectOr(selector))}: field is immutable`;
  throw invalid(resource, after.metadata.name, [
    { reason: 'FieldValueInvalid', message, field: 'spec.selector' },
  ]);
}
