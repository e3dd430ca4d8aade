/** An image reference, `registry/repository[:tag][@digest]`, with its canonical repository. */
export interface ImageRef {
  /** As it was written, without tag and digest: what is written back, so a spelling is never changed. */
  readonly name: string;
  /** Canonical `host[:port]/path`, lower case; Docker Hub is `docker.io/…` with `library/` for official images. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…` when pinned. */
  readonly digest: string | undefined;
}

// https://github.com/distribution/reference — the grammar, anchored part by part.
const host =
  /^(?:(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*|\[[a-f0-9:]+\])(?::\d{1,5})?$/i;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const digestForm = /^[a-z][a-z0-9]*(?:[+._-][a-z][a-z0-9]*)*:[0-9a-f]{32,}$/i;
const hubAliases = new Set(['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

/** Whether `tag` is one by the OCI grammar. https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
export function isValidTag(tag: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag);
}

/** Reads an image reference as it stands in a workload; `undefined` when it is none. Total. */
export function parseImageRef(text: string): ImageRef | undefined {
  const [beforeDigest, digest, ...more] = text.split('@');
  if (beforeDigest === undefined || more.length > 0) return undefined;
  if (digest !== undefined && !digestForm.test(digest)) return undefined;
  const colon = beforeDigest.indexOf(':', beforeDigest.lastIndexOf('/') + 1);
  const name = colon < 0 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon < 0 ? undefined : beforeDigest.slice(colon + 1);
  if (tag !== undefined && !isValidTag(tag)) return undefined;
  const repository = canonicalRepository(name);
  return repository === undefined ? undefined : { name, repository, tag, digest };
}

/**
 * Canonical `host/path` of a repository name (no tag, no digest); `undefined` when it is none.
 * Idempotent, so a canonical name may be given again.
 */
export function canonicalRepository(name: string): string | undefined {
  const { registry, path } = splitHost(name);
  const full = registry === 'docker.io' && path.length === 1 ? ['library', ...path] : path;
  const legal = host.test(registry) && full.every((part) => component.test(part));
  const repository = [registry, ...full].join('/');
  return legal && repository.length <= 255 ? repository : undefined;
}

function splitHost(name: string): { registry: string; path: readonly string[] } {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  if (slash < 0 || !looksLikeHost(first)) return { registry: 'docker.io', path: name.split('/') };
  const lower = first.toLowerCase();
  // `HUB/app` has a host only because of its capitals: without them it would be a path of Docker Hub.
  const given = looksLikeHost(lower) ? lower : first;
  return {
    registry: hubAliases.has(given) ? 'docker.io' : given,
    path: name.slice(slash + 1).split('/'),
  };
}

/** Docker's rule: the first part is a host only if it could not be a path. */
function looksLikeHost(first: string): boolean {
  return /[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
}

/** The path of a canonical repository: `quay.io/ns/app` gives `ns/app`. */
export function pathOf(repository: string): string {
  return repository.slice(repository.indexOf('/') + 1);
}

/** The same image at another tag, spelled as it was; a digest is dropped. */
export function withTag(ref: ImageRef, tag: string): string {
  return `${ref.name}:${tag}`;
}

/**
 * Whether a tag names an image that can run. Signatures, attestations and digests pushed as tags do not:
 * cosign and referrers use `sha256-<hex>[.sig]`, Artifactory keeps children as `sha256__<hex>`.
 */
export function isImageTag(tag: string): boolean {
  // Nearly every tag is told from these by its first letters.
  return (
    !tag.startsWith('sha') || !/^sha(?:256|384|512)(?:-|__|:)[0-9a-f]{32,}(?:\.[A-Za-z0-9.]+)?$/.test(tag)
  );
}
