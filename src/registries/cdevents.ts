import { z } from 'zod';
import { receivedEvents, type ReceivedEvent } from '../core/cloudevent-request.ts';
import { splitName } from '../core/image-name.ts';
import { hostIn, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import { parseOciPurl } from '../core/purl.ts';
import type { Push, Registry, WebhookRequest } from '../core/registry.ts';
import { badBody, fieldAt, readFields, textAt } from '../core/webhook-fields.ts';

/** 0.4 has `context.version` and `subject.type`, 0.5 `context.specversion`; both have these. */
const Published = z.object({ subject: z.object({ id: z.string().min(1) }) });

/** CDEvents: `artifact.published` of an image, named by its package URL. */
export const cdevents: Registry = {
  name: 'cdevents',
  spec: 'https://github.com/cdevents/spec/blob/v0.5.1/continuous-integration.md#artifact-published',
  recognises: (request) => eventsIn(request).some((event) => typeOf(event) !== ''),
  parse(request) {
    const events = eventsIn(request);
    if (events.length === 0 || events.some((event) => typeOf(event) === '')) {
      throw badBody(
        'cdevents',
        'context.type must be the type of a CDEvent: "dev.cdevents.artifact.published.…"',
      );
    }
    return events.flatMap((event) => pushesIn(event, request.registryHost));
  },
};

/** The CDEvents in a request: on their own, which is also CloudEvents' binary mode, or as data of CloudEvents. */
function eventsIn(request: WebhookRequest): readonly unknown[] {
  const { body } = request;
  const isPlain = textAt(body, 'context', 'type') !== '';
  return isPlain ? [body] : receivedEvents(request).map(({ data }: ReceivedEvent) => data);
}

function typeOf(event: unknown): string {
  const type = textAt(event, 'context', 'type');
  return type.startsWith('dev.cdevents.') ? type : '';
}

function pushesIn(event: unknown, registryHost: string | undefined): readonly Push[] {
  if (!typeOf(event).startsWith('dev.cdevents.artifact.published.')) return [];
  const { subject } = readFields('cdevents', Published, { subject: fieldAt(event, 'subject') });
  const image = parseOciPurl(subject.id);
  if (image === undefined || !tagsAnImage(image.tag)) return [];
  const { name, digest, tag, repositoryUrl } = image;
  const { host = registryHost, path } = splitName(placeOf(repositoryUrl, name));
  const field = 'the repository_url in subject.id';
  const pusher = textAt(event, 'subject', 'content', 'user');
  return pushesOf(repositoryAt({ source: 'cdevents', field, host, path }), tag, digest, pusher);
}

/** The whole name of an image: some senders give its registry alone, or an address with a scheme. */
function placeOf(url: string, name: string): string {
  const place = url.replace(/^https?:\/\//i, '');
  if (place === '') return name;
  return place.includes('/') || hostIn(place) === undefined ? place : `${place}/${name}`;
}
