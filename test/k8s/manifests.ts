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

/** A folder that kustomize applies. */
export interface Manifests {
  /** The names of its files; a folder in it is for whoever wants something else. */
  readonly files: readonly string[];
  readonly kustomization: Kustomization;
  /** Every object that is applied, the generated ConfigMap excepted. */
  readonly manifests: readonly Manifest[];
  textOf(file: string): string;
  /** The one object of this kind; what is looked at is for the caller to say. Throws when there is none or another. */
  only(kind: string): Manifest;
  /** The variables of an env file of kustomize. */
  variablesIn(file: string): Readonly<Record<string, string>>;
}

/** Reads `k8s/` or a folder in it. */
export function manifestsIn(name: string): Manifests {
  const folder = fileURLToPath(new URL(`../../${name}/`, import.meta.url));
  const textOf = (file: string): string => readFileSync(`${folder}${file}`, 'utf8');
  const kustomization = parse(textOf('kustomization.yaml')) as Kustomization;
  const manifests = kustomization.resources.flatMap((file) =>
    parseAllDocuments(textOf(file)).map((document) => document.toJS() as Manifest),
  );
  return {
    ...{ kustomization, manifests, textOf },
    files: readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort(),
    only(kind) {
      const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
      if (!found || more.length > 0) throw new Error(`${name}/ should have one ${kind}`);
      return found;
    },
    variablesIn(file) {
      const lines = textOf(file)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      return Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
    },
  };
}

export const { files, kustomization, manifests, textOf, only, variablesIn } = manifestsIn('k8s');

/** The definition of our resource of this kind; what is looked at is for the caller to say. */
export function definitionOf(kind: string): unknown {
  const found = manifests.find((manifest) => {
    const { names } =
      (manifest as Manifest & { readonly spec?: { readonly names?: { kind: string } } }).spec ?? {};
    return names?.kind === kind;
  });
  if (!found) throw new Error(`k8s/ should define ${kind}`);
  return found;
}
