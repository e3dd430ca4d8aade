import { receivedEvents, type ReceivedEvent } from '../core/cloudevent-request.ts';
import { splitName } from '../core/image-name.ts';
import { isValidTag } from '../core/image-ref.ts';
import { hostIn, imageParts, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Push, Registry } from '../core/registry.ts';
import { badBody, hasField, isFields, textAt } from '../core/webhook-fields.ts';

/** Events of other dialects: at plain `/webhook` they are not taken for one's own words. */
const others = /^(?:harbor\.|zotregistry\.|microsoft\.|dev\.cdevents\.|com\.oraclecloud\.|cr:)/i;

/**
 * Any CloudEvent that tells of an image in common words: a type that says "image" or "container", and data with
 * repository, tag, digest and registry.
 */
export const cloudevents: Registry = {
  name: 'cloudevents',
  spec: 'https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md',
  recognises: (request) =>
    receivedEvents(request).some(({ specversion, type }) => specversion !== '' && !others.test(type)),
  parse(request) {
    const events = receivedEvents(request);
    const isBatch = Array.isArray(request.body) && request.body.length === 0;
    if (events.length === 0 && !isBatch && !hasField(request.body, 'id', 'source')) {
      throw badBody(
        'cloudevents',
        'no CloudEvent: specversion, type, source and id must be in headers or body',
      );
    }
    return events
      .filter(({ specversion, type }) => specversion !== '' && announcesAnImage(type))
      .flatMap((event) => pushesIn(event, request.registryHost));
  },
};

function pushesIn(event: ReceivedEvent, registryHost: string | undefined): readonly Push[] {
  if (event.data !== undefined && event.data !== null && !isFields(event.data)) {
    throw badBody('cloudevents', 'data must be an object');
  }
  const { name, tag, digest } = imageOf(event);
  const { host: inName, path } = splitName(name);
  if (path === '' || !tagsAnImage(tag)) return [];
  const host = inName ?? registryOf(event) ?? registryHost ?? hostOf(event);
  const place = { source: 'cloudevents', field: 'data.repository', host, path };
  return pushesOf(repositoryAt(place), tag, digest);
}

/** Of data; of the subject, a text of the sender's own, where data says nothing. */
function imageOf({ subject, data }: ReceivedEvent): ReturnType<typeof imageParts> {
  const told = imageParts(firstText(data, 'repositoryName', 'repository'));
  const { tag, ...named } = imageParts(subject);
  return {
    name: told.name || named.name,
    tag: firstText(data, 'imageTag', 'tag') || told.tag || (isValidTag(tag) ? tag : ''),
    digest: firstText(data, 'imageDigest', 'digest') || (told.digest ?? named.digest),
  };
}

function registryOf({ data }: ReceivedEvent): string | undefined {
  return hostIn(firstText(data, 'registryUrl', 'registry'));
}

/** By the words of the type: of an image, and not of its end, its use, its check or its failure. */
function announcesAnImage(type: string): boolean {
  const isOfImages = /container|image|artifact|\becr\b/i.test(type);
  const isNoPush =
    /(?:^|[^a-z])(?:delet|remov|pull|download|scan|lint|sign|attest|verif|fail|reject|replicat|untag|quarantin|expir|vulnerab)/i;
  return isOfImages && !isNoPush.test(type.replace(/([a-z])([A-Z])/g, '$1.$2'));
}

function firstText(data: unknown, ...names: readonly string[]): string {
  return names.map((name) => textAt(data, name)).find((text) => text !== '') ?? '';
}

/** The host of a source that is an address, or the registry of a source that is an ARN of ECR. */
function hostOf({ source, data }: ReceivedEvent): string | undefined {
  const [, region = '', account = ''] = /^(?:arn|urn):aws[a-z-]*:ecr:([a-z0-9-]+):(\d*):/.exec(source) ?? [];
  const owner = textAt(data, 'registryId') || account;
  if (region !== '' && /^\d+$/.test(owner)) return hostIn(`${owner}.dkr.ecr.${region}.amazonaws.com`);
  return /^https?:\/\//i.test(source) || /^[^/:]+\.[^/]/.test(source) ? hostIn(source) : undefined;
}
