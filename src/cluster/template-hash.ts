import { createHash } from 'node:crypto';
import { annotationPrefix } from '../core/annotations.ts';
import { isKeelKey } from '../core/keel-annotations.ts';
import { podSpecPath } from '../core/kinds.ts';
import type { WorkloadKind } from '../core/workload.ts';
import { objectOf, under } from './fields.ts';

/** Under this annotation of the pod template `kubectl rollout restart` writes when. */
export const restartKey = 'kubectl.kubernetes.io/restartedAt';
/** The fields of a CronJob's spec that say when it runs. */
export const timingFields = ['schedule', 'timeZone', 'suspend', 'concurrencyPolicy'] as const;
/** Containers of every sort have an image. */
const containerFields = ['containers', 'initContainers', 'ephemeralContainers'] as const;
/** Selectors that, empty, select everything, and absent nothing. */
const meaningful = new Set(['labelSelector', 'namespaceSelector']);

type Fields = Readonly<Record<string, unknown>>;

/** The fields that lead to the pod template. */
export function templatePath(kind: WorkloadKind): readonly string[] {
  return podSpecPath(kind).slice(0, -1);
}

/** Whether an annotation of the pod template is told apart by other means, or nobody's concern: restarts, ours, Keel's. */
export function isMark(key: string): boolean {
  return key === restartKey || key.startsWith(annotationPrefix) || isKeelKey(key);
}

/** Stands for all that the pods of an object are made of but images and marks; of a CronJob, for when it runs as well. */
export function templateHash(kind: WorkloadKind, object: unknown): string {
  const spec = under(object, ['spec']);
  const timing = kind === 'CronJob' ? timingFields.map((field) => spec[field]) : [];
  const text = canonical([withoutMarks(under(object, templatePath(kind))), timing]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** `undefined` is hashed like what is absent. */
function withoutMarks(template: Fields): Fields {
  const [metadata, spec] = [under(template, ['metadata']), under(template, ['spec'])];
  const notes = Object.entries(under(metadata, ['annotations'])).filter(([key]) => !isMark(key));
  const lists = containerFields.map((field) => [field, withoutImages(spec[field])] as const);
  return {
    ...template,
    metadata: { ...metadata, annotations: Object.fromEntries(notes) },
    spec: { ...spec, ...Object.fromEntries(lists) },
  };
}

function withoutImages(containers: unknown): unknown {
  if (!Array.isArray(containers)) return containers;
  return containers.map((container: unknown) => ({ ...objectOf(container), image: undefined }));
}

/**
 * Like JSON, with sorted keys. What is empty is left out: API servers of one version write it, those of another do not. The
 * order of lists stays, as containers in another order make new pods.
 */
function canonical(value: unknown, field = ''): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (!Array.isArray(value)) return canonicalObject(value as Fields, field);
  return value.length === 0 ? '' : `[${value.map((item) => canonical(item)).join()}]`;
}

function canonicalObject(object: Fields, field: string): string {
  let members = '';
  for (const key of Object.keys(object).sort()) {
    const text = canonical(object[key], key);
    if (text !== '') members += `${members && ','}${JSON.stringify(key)}:${text}`;
  }
  return members === '' && !meaningful.has(field) ? '' : `{${members}}`;
}
