import { z } from 'zod';
import { splitName } from '../core/image-name.ts';
import {
  digestOrNull,
  hostIn,
  imageParts,
  mayBeImage,
  pushesOf,
  repositoryAt,
} from '../core/pushed-image.ts';
import type { Push, Registry, WebhookRequest } from '../core/registry.ts';
import { badBody, fieldAt, isFields, optionalText, readFields, textAt } from '../core/webhook-fields.ts';
import { hmacProof } from '../core/webhook-proofs.ts';

const Package = z.object({
  name: optionalText,
  namespace: optionalText,
  /** `container` in any case; `docker` in GitHub's registry before ghcr.io. */
  package_type: optionalText,
  ecosystem: optionalText,
  owner: z.object({ login: optionalText }).nullish(),
  package_version: z
    .object({ package_url: optionalText, version: optionalText, name: optionalText })
    .nullish(),
});

/** One version of a container package. */
interface Found {
  readonly pack: z.infer<typeof Package>;
  /** `container_metadata`: GitHub's registry before ghcr.io did not send it at first. */
  readonly metadata: unknown;
  /** `owner/repository`; empty when the package is linked to none. */
  readonly repository: string;
  /** Who made GitHub send it: the one who published, or the bot that did. */
  readonly pusher: string;
  readonly registryHost: string | undefined;
}

/** `package` and `registry_package` are one event under two names; `package_v2` was its name in the beta. */
const keys = ['package', 'registry_package', 'package_v2'] as const;

/** GitHub Packages: container images at ghcr.io, on GitHub Enterprise Server, and in the Docker registry before it. */
export const ghcr: Registry = {
  name: 'ghcr',
  spec: 'https://docs.github.com/en/webhooks/webhook-events-and-payloads#package',
  // GitHub's own limit is 25 MB. A container's event has some 40 KB, and grows with its labels and layers.
  maxBodyBytes: 4 * 1024 * 1024,
  proofs: [hmacProof({ header: 'x-hub-signature-256', algorithm: 'sha256', prefix: 'sha256=' })],
  recognises: (request) =>
    isFromGithub(request) ||
    keys.some((key) => isFields(fieldAt(request.body, key, 'package_version', 'container_metadata'))),
  parse(request) {
    const { body, registryHost } = request;
    const key = keys.find((one) => isFields(fieldAt(body, one)));
    if (key === undefined) return noPackage(request);
    const pack = readFields('ghcr', Package, fieldAt(body, key), [key]);
    // `updated` is a change of what is written about a version; an image pushed anew is published.
    if (!['published', 'create'].includes(textAt(body, 'action'))) return [];
    const metadata = fieldAt(body, key, 'package_version', 'container_metadata');
    const repository = textAt(body, 'repository', 'full_name');
    const found = { pack, metadata, registryHost, repository, pusher: textAt(body, 'sender', 'login') };
    return isContainer(found) ? pushesIn(found) : [];
  },
};

/** GitHub's own header; Gitea and Forgejo send it too, beside theirs. */
function isFromGithub({ headers }: WebhookRequest): boolean {
  const others = ['x-gitea-event', 'x-forgejo-event', 'x-gogs-event'];
  return headers['x-github-event'] !== undefined && others.every((name) => headers[name] === undefined);
}

/** A hook is pinged when it is made, and may subscribe to more than packages. */
function noPackage(request: WebhookRequest): readonly Push[] {
  const { body } = request;
  const isPing = fieldAt(body, 'zen') !== undefined && fieldAt(body, 'hook_id') !== undefined;
  if (isFields(body) && (isPing || isFromGithub(request))) return [];
  throw badBody('ghcr', `the body must have one of: ${keys.join(', ')}`);
}

/** GitHub's own samples call a container `npm` in one field and `docker` in the other: either is enough. */
function isContainer({ pack, metadata }: Found): boolean {
  const isNamed = [pack.package_type, pack.ecosystem].some((word) => /^(?:container|docker)$/i.test(word));
  const types = [
    textAt(metadata, 'manifest', 'config', 'media_type'),
    textAt(metadata, 'manifest', 'media_type'),
  ];
  return (isNamed || isFields(metadata)) && types.every(mayBeImage);
}

function pushesIn(found: Found): readonly Push[] {
  const { pack, metadata } = found;
  const { package_url: url = '', version = '', name: title = '' } = pack.package_version ?? {};
  const image = imageParts(url);
  // Before there was metadata, the version was the tag, and its name the digest.
  const tag = textAt(metadata, 'tag', 'name') || image.tag || (isFields(metadata) ? '' : version);
  const name = nameOf(found, image.name);
  if (tag === '' || name === '') return [];
  const digest = [textAt(metadata, 'tag', 'digest'), version, title].find(
    (one) => digestOrNull(one) !== null,
  );
  // GitHub keeps the case of an owner; a registry knows lower case only, and so does splitName.
  const place = { source: 'ghcr', field: 'package_version.package_url', ...splitName(name) };
  return pushesOf(repositoryAt(place), tag, digest, found.pusher);
}

/** An image's name: its address, where it has one; empty when it cannot be told. */
function nameOf(found: Found, address: string): string {
  if (hostIn(address) !== undefined) return address;
  const { pack, metadata, registryHost = 'ghcr.io' } = found;
  const isOld = /^docker$/i.test(pack.package_type) || !isFields(metadata);
  const parent = parentOf(found, isOld);
  const host = isOld ? 'docker.pkg.github.com' : registryHost;
  return parent === '' || pack.name === '' ? '' : `${host}/${parent}/${pack.name}`;
}

/** ghcr.io/owner/name today; before that it was docker.pkg.github.com/owner/repository/name. */
function parentOf({ pack, repository }: Found, isOld: boolean): string {
  if (isOld && repository !== '') return repository;
  return pack.namespace || (pack.owner?.login ?? '');
}
