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

/** What a package URL says of an image; texts are empty where it says nothing. */
export interface OciPurl {
  /** The last part of the repository. */
  readonly name: string;
  /** The version as it stands: a digest, if the sender keeps to the type. */
  readonly digest: string;
  /** Host and path, mostly without a scheme. */
  readonly repositoryUrl: string;
  readonly tag: string;
}

/** Reads the package URL of an image; `undefined` when it is one of something else, or none. Total. */
export function parseOciPurl(text: string): OciPurl | undefined {
  const [, name, version, query] = /^pkg:\/*oci\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?/i.exec(text) ?? [];
  if (name === undefined) return undefined;
  const qualifiers = new Map(
    (query ?? '').split('&').map((pair): readonly [string, string] => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, Math.max(equals, 0)).toLowerCase(), decode(pair.slice(equals + 1))];
    }),
  );
  return {
    name: decode(name).toLowerCase(),
    digest: decode(version ?? '').toLowerCase(),
    repositoryUrl: qualifiers.get('repository_url') ?? '',
    tag: qualifiers.get('tag') ?? '',
  };
}

/** A text that is wrongly encoded stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
