import { AppError } from '../core/errors.ts';
import type { Api } from './api.ts';
import { ApiError } from './api-error.ts';
import { objectOr } from './json.ts';
import { readManifests, type Manifest, type Manifests } from './manifests.ts';
import { resourceNamed } from './resources.ts';
import { sampleShop } from './sample.ts';

const namespaces = resourceNamed('namespaces');
/** As if somebody had created it all by kubectl. */
const manager = 'kubectl-create';
const sample: Manifests = { file: 'sample', text: JSON.stringify({ kind: 'List', items: sampleShop }) };

/**
 * Fills a new cluster: what the manifests say or else the sample shop, and the namespaces that takes.
 * @throws AppError `bad-config` naming the manifest that the cluster refuses
 */
export function loadObjects(api: Api, manifests: Manifests = sample): void {
  const objects = readManifests(manifests);
  const given = objects.filter(({ resource }) => resource === namespaces);
  const known = new Set(given.map(({ object }) => objectOr(object.metadata).name));
  const needed = new Set(['default', ...objects.map(({ namespace }) => namespace)]);
  const missing = [...needed].filter((name) => name !== '' && !known.has(name)).map(namespaceManifest);
  const rest = objects.filter(({ resource }) => resource !== namespaces);
  for (const manifest of [...given, ...missing, ...rest]) create(api, manifest);
}

function namespaceManifest(name: string): Manifest {
  const object = { metadata: { name } };
  return { resource: namespaces, namespace: '', object, origin: `namespace ${name}` };
}

function create(api: Api, { resource, namespace, object, origin }: Manifest): void {
  try {
    api.create({ resource, namespace }, object, { dryRun: false, manager });
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    throw new AppError('bad-config', `${origin}: ${cause.message}`, { cause });
  }
}
