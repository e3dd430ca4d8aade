import { z } from 'zod';
import { isImageConfig, isManifestType } from './media-types.ts';
import { hostIn, pushesOf, repositoryAt, tagsAnImage } from './pushed-image.ts';
import type { Push, WebhookRequest } from './registry.ts';
import { fieldAt, isFields, optionalText, readFields, textAt } from './webhook-fields.ts';

const Event = z.object({
  action: z.string(),
  target: z.custom<Readonly<Record<string, unknown>>>(isFields, 'must be an object'),
  request: z.unknown().optional(),
  actor: z.unknown().optional(),
});
const Envelope = z.object({ events: z.array(Event).max(10_000) });
const Target = z.object({
  repository: z.string().min(1),
  digest: optionalText,
  mediaType: optionalText,
  references: z.array(z.object({ mediaType: optionalText })).nullish(),
});

/**
 * The pushes in an envelope of registry notifications, which Docker Distribution made and others send as well. One
 * push of an image gives events for its layers, its parts and its index: only manifests with a tag count.
 * https://distribution.github.io/distribution/about/notifications/#envelope
 *
 * @param source - the dialect's name, for errors.
 * @throws AppError `bad-request` when it is no envelope, or a push has no host and there is no `?registry=`.
 */
export function distributionPushes(
  source: string,
  { body, registryHost }: Pick<WebhookRequest, 'body' | 'registryHost'>,
): readonly Push[] {
  const { events } = readFields(source, Envelope, body);
  return events.flatMap(({ action, target, request, actor }, n) => {
    const tag = textAt(target, 'tag');
    if (action !== 'push' || !tagsAnImage(tag)) return [];
    const at = ['events', String(n), 'target'];
    const { repository: path, digest, ...what } = readFields(source, Target, target, at);
    if (!isImage(what)) return [];
    // What the pusher called the registry; `source.addr` is the address it listens on.
    const host = hostIn(textAt(request, 'host')) ?? registryHost;
    const repository = repositoryAt({ source, field: [...at, 'repository'].join('.'), host, path });
    return pushesOf(repository, tag, digest, textAt(actor, 'name'));
  });
}

/** Whether a request is an envelope: by its media type, or by its first event. Total. */
export function isDistributionEnvelope({ headers, body }: WebhookRequest): boolean {
  const type = headers['content-type'] ?? '';
  if (/^\s*application\/vnd\.docker\.distribution\.events\./i.test(type)) return true;
  const events = fieldAt(body, 'events');
  const first: unknown = Array.isArray(events) ? events[0] : undefined;
  return textAt(first, 'action') !== '' && textAt(first, 'target', 'repository') !== '';
}

/**
 * With `includereferences: true` the registry lists what a manifest refers to: a chart is then known by its
 * configuration. Without it, it cannot be told from an image.
 */
function isImage({
  mediaType,
  references,
}: Pick<z.infer<typeof Target>, 'mediaType' | 'references'>): boolean {
  if (mediaType === '') return true;
  if (!isManifestType(mediaType)) return false;
  const types = (references ?? []).map((reference) => reference.mediaType);
  const isOneManifest = /\.manifest\.v\d/.test(mediaType);
  return !isOneManifest || types.length === 0 || types.some(isImageConfig);
}
