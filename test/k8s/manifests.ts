import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

/** A Kubernetes object as far as the tests look at every one of them. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface Role extends Manifest {
  readonly rules: readonly PolicyRule[];
}

export interface Kustomization {
  readonly namespace: string;
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { readonly name: string; readonly envs: readonly string[] }[];
  readonly images: readonly { readonly name: string; readonly newTag: string }[];
}

const folder = fileURLToPath(new URL('../../k8s/', import.meta.url));

/** The names of the files in `k8s/`; a folder in it is for whoever wants more. */
export const files = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => name)
  .sort();

export const kustomization = parse(textOf('kustomization.yaml')) as Kustomization;

/** Every object that is applied, the generated ConfigMap excepted. */
export const manifests: readonly Manifest[] = kustomization.resources.flatMap((file) =>
  parseAllDocuments(textOf(file)).map((document) => document.toJS() as Manifest),
);

/** The text of a file in `k8s/`. */
export function textOf(file: string): string {
  return readFileSync(`${folder}${file}`, 'utf8');
}

/** The one object of this kind; what is looked at is for the caller to say. Throws when there is none or another. */
export function only(kind: string): Manifest {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
  if (!found || more.length > 0) throw new Error(`k8s/ should have one ${kind}`);
  return found;
}

/** The variables of an env file of kustomize. */
export function variablesIn(file: string): Readonly<Record<string, string>> {
  const lines = textOf(file)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
