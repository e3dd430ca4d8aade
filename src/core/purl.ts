import type { Update } from './update.ts';

/** What a push says of its image: together they name it. */
export type PushedImage = Pick<Update, 'repository' | 'tag' | 'digest'>;

/**
 * The package URL of an image: name and digest, then where it is and the tag it had. Registry and path are never in
 * the name. https://github.com/package-url/purl-spec/blob/main/types/oci-definition.json
 */
export function ociPurl({ repository, tag, digest }: PushedImage): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1).toLowerCase();
  const version = digest === undefined ? '' : `@${encode(digest.toLowerCase())}`;
  return `pkg:oci/${encode(name)}${version}?repository_url=${encode(repository)}&tag=${encode(tag)}`;
}

/** Everything but letters, digits and `.-_~` is encoded, the colon never: the canonical form, one text an image. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}
