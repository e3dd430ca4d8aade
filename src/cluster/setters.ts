import type { WorkloadKind, WorkloadTraits } from '../core/workload.ts';
import { under } from './fields.ts';
import { containerLists, ownedAt, ownedImages, type ManagedEntry } from './managed-fields.ts';
import { isMark, restartKey, templatePath, timingFields } from './template-hash.ts';

/**
 * The field managers that set parts of an object last. Of several that own one field it is the one that wrote it: who
 * applies what is there already becomes an owner too, who updates it does not, and whoever sets it to something else
 * takes it from all others. So an owner by Update goes before owners by Apply; among these the latest is taken.
 */
export function settersOf(kind: WorkloadKind, entries: readonly ManagedEntry[]): WorkloadTraits['setBy'] {
  const counted = entries.filter(({ manager, subresource }) => manager !== '' && subresource !== 'status');
  const byAge = counted.toSorted((a, b) => timeMs(a) - timeMs(b) || rank(a) - rank(b));
  const byRight = byAge.toSorted((a, b) => rank(a) - rank(b));
  const images = byRight.flatMap((entry) =>
    ownedImages(kind, entry).map((container) => [container, entry.manager] as const),
  );
  const lastOf = (path: readonly string[], field: string): string | undefined =>
    byRight.findLast(({ fieldsV1 }) => Object.hasOwn(ownedAt(fieldsV1, path), `f:${field}`))?.manager;
  const template = byAge.findLast(({ fieldsV1 }) => ownsConfig(kind, fieldsV1))?.manager;
  const restart = lastOf([...templatePath(kind), 'metadata', 'annotations'], restartKey);
  const scale = lastOf(['spec'], 'replicas');
  return {
    images: Object.fromEntries(images),
    ...(template === undefined ? {} : { template }),
    ...(restart === undefined ? {} : { restart }),
    ...(scale === undefined ? {} : { scale }),
  };
}

/**
 * When anybody who sets a part of what pods are made of last wrote anything: what we set ourselves is as old, or older. ISO
 * 8601; undefined where the API server does not say. Nobody is noted who only takes something away.
 */
export function templateSetAt(kind: WorkloadKind, entries: readonly ManagedEntry[]): string | undefined {
  const path = templatePath(kind);
  return entries
    .filter(({ fieldsV1 }) => Object.keys(ownedAt(fieldsV1, path)).length > 0)
    .toSorted((a, b) => timeMs(a) - timeMs(b))
    .at(-1)?.time;
}

/** Entries of the scale subresource have no time, though they may be young. */
function timeMs({ time = '' }: ManagedEntry): number {
  return Date.parse(time) || 0;
}

function rank({ operation }: ManagedEntry): number {
  return operation === 'Update' ? 1 : 0;
}

/** Whether anything is owned that `templateHash` stands for. */
function ownsConfig(kind: WorkloadKind, fieldsV1: unknown): boolean {
  const spec = ownedAt(fieldsV1, ['spec']);
  if (kind === 'CronJob' && timingFields.some((field) => Object.hasOwn(spec, `f:${field}`))) return true;
  return ownsOther(ownedAt(fieldsV1, templatePath(kind)), []);
}

/** Whether any field below is owned that is no image and no mark. `.` stands for the map or the list item itself. */
function ownsOther(fields: Readonly<Record<string, unknown>>, path: readonly string[]): boolean {
  const inner = Object.keys(fields).filter((key) => key !== '.');
  if (inner.length === 0) return !isPassed(path);
  return inner.some((key) => ownsOther(under(fields, [key]), [...path, key]));
}

function isPassed([, list, item = '', field]: readonly string[]): boolean {
  if (list === undefined || list === 'f:creationTimestamp') return true;
  if (list === 'f:annotations') return item === '' || isMark(item.slice('f:'.length));
  // Who applies nothing but an image has to name its container.
  const isContainer = containerLists.some((one) => one === list);
  return isContainer && (field === undefined || field === 'f:image' || field === 'f:name');
}
