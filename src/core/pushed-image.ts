import { longestPersonText } from './approval.ts';
import { canonicalRepository, isImageTag } from './image-ref.ts';
import { isImageConfig, isManifestType } from './media-types.ts';
import { isBlank, oneLine } from './one-line.ts';
import type { Push, PushedTag } from './registry.ts';
import { badBody } from './webhook-fields.ts';

/** Where an image is, as a webhook says it. */
export interface WrittenRepository {
  /** The dialect's name, and the field that holds the path: for the error. */
  readonly source: string;
  readonly field: string;
  /** `host[:port]`; `undefined` when neither the payload nor `?registry=` names one. */
  readonly host: string | undefined;
  readonly path: string;
}

/**
 * Canonical repository of what a webhook wrote.
 *
 * @throws AppError `bad-request` when there is no host, or it is no repository.
 */
export function repositoryAt({ source, field, host, path }: WrittenRepository): string {
  if (host === undefined) {
    throw badBody(source, 'the body names no registry: add ?registry=HOST to the webhook URL');
  }
  const repository = canonicalRepository(`${host}/${path}`);
  if (repository !== undefined && isHost(host)) return repository;
  throw badBody(
    source,
    `${field} must name a repository, not "${path.slice(0, 200)}" at "${host.slice(0, 200)}"`,
  );
}

/** A host that could be a path (`registry`) is none: before a path it would make an image of Docker Hub. */
function isHost(text: string): boolean {
  return canonicalRepository(`${text}/x/y`)?.split('/').length === 3;
}

/** The host, with its port, in an address, an image's name or a bare `host[:port]`; `undefined` when there is none. Total. */
export function hostIn(text: string): string | undefined {
  const first = withoutScheme(text)
    .toLowerCase()
    .replace(/[/?#].*$/s, '');
  return isHost(first) ? first : undefined;
}

/** Takes `[https://]host/path[:tag][@digest]` apart; a tag that is not there is empty. Total: what is no reference stays a name. */
export function imageParts(text: string): {
  readonly name: string;
  readonly tag: string;
  readonly digest: string | undefined;
} {
  const bare = withoutScheme(text);
  const at = bare.indexOf('@');
  const named = at < 0 ? bare : bare.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return {
    name: colon < 0 ? named : named.slice(0, colon),
    tag: colon < 0 ? '' : named.slice(colon + 1),
    digest: at < 0 ? undefined : bare.slice(at + 1),
  };
}

function withoutScheme(text: string): string {
  return text.replace(/^https?:\/\//i, '');
}

/** Whether a tag was pushed that names an image: no empty one, no digest, no signature. */
export function tagsAnImage(tag: string): boolean {
  return tag !== '' && isImageTag(tag);
}

/**
 * Whether a media type (of a manifest or of its configuration) leaves it possible that this is an image. Charts,
 * signatures and other artifacts are none; a sender that tells no type is believed.
 */
export function mayBeImage(mediaType: string): boolean {
  return mediaType === '' || isManifestType(mediaType) || isImageConfig(mediaType);
}

/**
 * The push of an image tag, as a list: none for a tag that names no image.
 *
 * @param pusher - what the payload calls whoever pushed, as it is written there; empty when it does not say.
 */
export function pushesOf(
  repository: string,
  tag: string,
  digest: string | null | undefined,
  pusher = '',
): readonly Push[] {
  if (!tagsAnImage(tag) || tag === digest) return [];
  const pushedBy = isBlank(pusher) ? '' : oneLine(pusher, longestPersonText);
  return [{ repository, tag, digest: digestOrNull(digest), ...(pushedBy === '' ? {} : { pushedBy }) }];
}

/** The tags alone, which are what an answer tells: the shape of that is a promise, and who pushed is no part of it. */
export function pushedTags(pushes: readonly Push[]): readonly PushedTag[] {
  return pushes.map(({ repository, tag, digest }) => ({ repository, tag, digest }));
}

/**
 * What a webhook calls a digest, as it was written, when it has a digest's form; else null. Whether it is one that
 * exists is for the registry to say.
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
 */
export function digestOrNull(text: string | null | undefined): string | null {
  const form = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]{1,255}$/;
  return text !== null && text !== undefined && form.test(text) ? text : null;
}
