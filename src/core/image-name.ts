import { hostIn } from './pushed-image.ts';

/** A name's registry, if it has one, and the rest of it in lower case. */
export interface NameParts {
  readonly host: string | undefined;
  readonly path: string;
}

/**
 * Registry and path of an image's name by Docker's rule: the first part is a registry if it could be nothing else. Some
 * senders keep capital letters that no registry has in a path. Total.
 */
export function splitName(name: string): NameParts {
  const slash = name.indexOf('/');
  const host = slash < 0 ? undefined : hostIn(name.slice(0, slash));
  return { host, path: (host === undefined ? name : name.slice(slash + 1)).toLowerCase() };
}
