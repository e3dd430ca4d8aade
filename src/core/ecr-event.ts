import { z } from 'zod';
import { imageParts, mayBeImage, pushesOf, repositoryAt, tagsAnImage } from './pushed-image.ts';
import type { Push } from './registry.ts';
import { optionalText, readFields, textAt } from './webhook-fields.ts';

/** Two of the parts of a host's name: nothing else may get in. */
const Place = z.object({
  account: z.string().regex(/^\d+$/),
  region: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)+$/),
});

const Action = Place.extend({
  detail: z.object({
    'repository-name': z.string().min(1),
    /** Empty or missing for what was pushed without one: the parts of an image of many architectures. */
    'image-tag': optionalText,
    'image-digest': optionalText,
    'manifest-media-type': optionalText,
    'artifact-media-type': optionalText,
  }),
});

/** What a CloudEvent made of such an event by an input transformer says, each in one of several places. */
const Transformed = z.object({
  subject: optionalText,
  data: z.object({
    repositoryName: optionalText,
    imageTag: optionalText,
    imageDigest: optionalText,
    registryId: optionalText,
  }),
});

/** The partitions whose hosts do not end in `amazonaws.com`, by the start of their regions' names. */
const suffixes = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
] as const;

/** Whether a JSON value is an event of ECR's: from EventBridge, or made into a CloudEvent on the way. Total. */
export function isEcrEvent(event: unknown): boolean {
  return textAt(event, 'source') === 'aws.ecr' || isTransformed(event);
}

function isTransformed(event: unknown): boolean {
  return textAt(event, 'type').startsWith('com.amazon.ecr.') && textAt(event, 'specversion') !== '';
}

/**
 * The push in an event for which `isEcrEvent` holds: none unless an image was pushed, with success.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
 *
 * @param source - the dialect's name, for errors.
 * @param registryHost - for a CloudEvent that names no region or no account.
 * @throws AppError `bad-request` when a push lacks what every one of them has.
 */
export function ecrPushes(source: string, event: unknown, registryHost?: string): readonly Push[] {
  return isTransformed(event) ? transformedPushes(source, event, registryHost) : actionPushes(source, event);
}

function actionPushes(source: string, event: unknown): readonly Push[] {
  const isPush =
    textAt(event, 'detail-type') === 'ECR Image Action' &&
    textAt(event, 'detail', 'action-type') === 'PUSH' &&
    textAt(event, 'detail', 'result') === 'SUCCESS';
  if (!isPush) return [];
  const { account, region, detail } = readFields(source, Action, event);
  const tag = detail['image-tag'];
  const types = [detail['manifest-media-type'], detail['artifact-media-type']];
  if (!tagsAnImage(tag) || !types.every(mayBeImage)) return [];
  const path = detail['repository-name'];
  const place = { source, field: 'detail.repository-name', host: ecrHost(account, region), path };
  return pushesOf(repositoryAt(place), tag, detail['image-digest']);
}

function transformedPushes(source: string, event: unknown, registryHost?: string): readonly Push[] {
  if (textAt(event, 'type') !== 'com.amazon.ecr.image.push') return [];
  const { subject, data } = readFields(source, Transformed, event);
  const image = imageParts(subject);
  const tag = data.imageTag || image.tag;
  if (!tagsAnImage(tag)) return [];
  // urn:aws:ecr:region:account:repository/name
  const [, , , region = '', owner = '', ...resource] = textAt(event, 'source').split(':');
  const place = { account: data.registryId || owner, region };
  const host = Place.safeParse(place).success ? ecrHost(place.account, region) : registryHost;
  const path = data.repositoryName || image.name || resource.join(':').replace(/^repository\//, '');
  return pushesOf(repositoryAt({ source, field: 'data.repositoryName', host, path }), tag, data.imageDigest);
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
function ecrHost(account: string, region: string): string {
  const [, suffix] = suffixes.find(([start]) => region.startsWith(start)) ?? ['', 'amazonaws.com'];
  return `${account}.dkr.ecr.${region}.${suffix}`;
}
