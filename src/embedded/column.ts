import { valueAt } from './json.ts';
import type { KubeObject } from './objects.ts';
import { shortDuration } from './short-duration.ts';

/** One column of `kubectl get`; `wide` ones appear with `-o wide` only. */
export interface Column {
  readonly name: string;
  readonly wide?: true;
  readonly cell: (object: KubeObject, now: Date) => string | number;
}

export const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
export const age: Column = {
  name: 'Age',
  cell: ({ metadata }, now) => since(metadata.creationTimestamp, now),
};

/** A column with the number at `path`. */
export function counter(title: string, path: string): Column {
  return { name: title, cell: (object) => count(object, path) };
}

/** A wide column with the text at `path`. */
export function wideText(title: string, path: string): Column {
  return { name: title, wide: true, cell: (object) => text(object, path) || '<none>' };
}

/** The number at `path`, 0 for none. */
export function count(object: KubeObject, path: string): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

/** The text at `path`, empty for none. */
export function text(object: KubeObject, path: string): string {
  const value = valueAt(object, path);
  return typeof value === 'string' ? value : '';
}

/** How long ago `time` was, as kubectl prints an age. */
export function since(time: string | null | undefined, now: Date): string {
  const ms = now.getTime() - Date.parse(time ?? '');
  return Number.isNaN(ms) ? '<unknown>' : shortDuration(ms);
}
