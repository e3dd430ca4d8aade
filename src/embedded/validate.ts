import type { z } from 'zod';
import { invalid, type Cause } from './api-error.ts';
import { anyShape, shapes, type KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { rulesOf } from './rules.ts';

const nameForm = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The object, when it has the shape of its kind. @throws ApiError 422 */
export function validate(resource: Resource, object: KubeObject): KubeObject {
  const { name } = object.metadata;
  const parsed = (shapes[resource.kind] ?? anyShape).safeParse(object);
  const causes = parsed.success ? rulesOf(object) : parsed.error.issues.map(causeOf);
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
