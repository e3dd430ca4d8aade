import { createHash } from 'node:crypto';
import { canonicalJson } from './json.ts';
import type { PodTemplate } from './objects.ts';

/** The letters Kubernetes makes names of: no vowels, so no words. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const hashes = new WeakMap<PodTemplate, string>();

/** `length` letters that stand for `text`. */
export function shortHash(text: string, length: number): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, length);
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');
}

/** The `pod-template-hash` of a Deployment's template: the same for equal templates. */
export function templateHash(template: PodTemplate): string {
  const known = hashes.get(template);
  if (known !== undefined) return known;
  const hash = shortHash(canonicalJson(template), 10);
  hashes.set(template, hash);
  return hash;
}
