import { z } from 'zod';
import { receivedEvents, type ReceivedEvent } from '../core/cloudevent-request.ts';
import { isImageConfig, isManifestType } from '../core/media-types.ts';
import { hostIn, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Push, Registry } from '../core/registry.ts';
import { badBody, fieldAt, optionalText, readFields, textAt } from '../core/webhook-fields.ts';

const Updated = z.object({
  name: z.string().min(1),
  /** A tag, or the digest where it was pushed by digest. */
  reference: z.string(),
  digest: optionalText,
  mediaType: optionalText,
  /** The manifest's own text. */
  manifest: optionalText,
});

/** zot: its events extension, which sends CloudEvents; binary mode by itself, structured through a broker. */
export const zot: Registry = {
  name: 'zot',
  spec: 'https://zotregistry.dev/latest/articles/events/',
  // It carries the manifest, which zot takes up to 4 MiB.
  maxBodyBytes: 4 * 1024 * 1024,
  recognises: (request) => receivedEvents(request).some(isOfZot),
  parse(request) {
    const events = receivedEvents(request);
    if (events.length === 0) {
      throw badBody('zot', 'neither a ce-type header nor a field "type" names the event');
    }
    return events.filter(isUpdate).flatMap((event) => pushesIn(event, request.registryHost));
  },
};

/** Its operator may give the types another prefix; only zot says "reference" then. */
function isOfZot(event: ReceivedEvent): boolean {
  return event.type.startsWith('zotregistry.') || (isUpdate(event) && textAt(event.data, 'reference') !== '');
}

function isUpdate({ type }: ReceivedEvent): boolean {
  return /(?:^|\.)image\.updated$/.test(type);
}

function pushesIn({ source, data }: ReceivedEvent, registryHost: string | undefined): readonly Push[] {
  const image = readFields('zot', Updated, data, ['data']);
  const { name, reference, digest, mediaType, manifest } = image;
  if ((mediaType !== '' && !isManifestType(mediaType)) || !isImage(manifest)) return [];
  if (reference === digest || !tagsAnImage(reference)) return [];
  // The source is the same for every zot, unless its operator made an address of it.
  const host = registryHost ?? (/^https?:\/\//i.test(source) ? hostIn(source) : undefined);
  const repository = repositoryAt({ source: 'zot', field: 'data.name', host, path: name });
  return pushesOf(repository, reference, digest);
}

/** A chart, a signature or an SBOM has another configuration than an image, or refers to one. */
function isImage(text: string): boolean {
  const manifest = jsonIn(text);
  const config = textAt(manifest, 'config', 'mediaType');
  return (config === '' || isImageConfig(config)) && fieldAt(manifest, 'subject') === undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
