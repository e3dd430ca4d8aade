import { cdEventOf, environmentOf, type CdEvent, type CdEventType, type Occurrence } from './cdevents.ts';
import { AppError } from './errors.ts';
import { parseImageRef } from './image-ref.ts';
import type { Notice, NoticeKind } from './notice.ts';
import { ociPurl } from './purl.ts';
import { workloadId } from './workload.ts';

/**
 * Of all else there is none: not of scalings, restarts and configuration, nor of votes; and whether an image that somebody
 * else set is an upgrade or a way back is not known.
 */
const types: Partial<Record<NoticeKind, CdEventType>> = {
  'update.succeeded': 'service.upgraded',
  'update.failed': 'incident.detected',
  'workload.created': 'service.deployed',
  'workload.deleted': 'service.removed',
  'workload.failed': 'incident.detected',
  'workload.recovered': 'incident.resolved',
};

/** Whether there is a CDEvent for such notices. */
export function hasCdEvent(kind: NoticeKind): boolean {
  return types[kind] !== undefined;
}

/**
 * The CDEvent 0.5.1 of a notice; `undefined` when there is none. It has no `chainId`: what led to a change is not known.
 *
 * @throws AppError `gone` when it must name an image, and there is none that can be named.
 */
export function noticeCdEvent<Custom>(notice: Notice, customData: Custom): CdEvent<Custom> | undefined {
  const type = types[notice.kind];
  if (!type) return undefined;
  const { id: eventId, at, workload } = notice;
  const parts = { eventId, cluster: workload.cluster, at, customData };
  return cdEventOf('0.5.1', { ...occurrenceOf(type, notice), ...parts });
}

function occurrenceOf(type: CdEventType, notice: Notice): Occurrence {
  const service = workloadId(notice.workload);
  const environment = { id: environmentOf(notice.workload) };
  if (type === 'service.removed') return { type, id: service, content: { environment } };
  const artifactId = artifactOf(notice);
  if (type === 'service.deployed' || type === 'service.upgraded') {
    if (artifactId !== undefined) return { type, id: service, content: { environment, artifactId } };
    throw new AppError('gone', `${service} has no image that a CDEvent could name`);
  }
  const description = [notice.reason, notice.message].filter((words) => words !== undefined).join(': ');
  const content = {
    ...(description === '' ? {} : { description }),
    ...{ service: { id: service }, environment },
    ...(artifactId === undefined ? {} : { artifactId }),
  };
  // An incident begins and ends in one thread.
  return { type, id: notice.thread, content };
}

/** The first image, by whichever spelling: of a service there is one artifact. */
function artifactOf({ images: [first] }: Notice): string | undefined {
  const ref = parseImageRef(first?.to ?? '');
  if (!ref) return undefined;
  const { repository, tag, digest } = ref;
  // A pinned image need not have a tag, and a qualifier is never empty.
  if (tag === undefined && digest !== undefined)
    return ociPurl({ repository, tag: '', digest }).replace(/&tag=$/, '');
  return ociPurl({ repository, tag: tag ?? 'latest', digest });
}
