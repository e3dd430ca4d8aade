import { createHash } from 'node:crypto';
import { eventOf, outgoingEvent, type EventType, type OutgoingEvent } from './announcement.ts';
import { sourceOf } from './cloudevents.ts';
import { ociPurl, type PushedImage } from './purl.ts';
import type { Update } from './update.ts';
import { workloadId, type WorkloadKey } from './workload.ts';

/** The versions of the specification that are spoken: the newest, and the last one before it broke its envelope. */
export type CdEventsVersion = '0.5.1' | '0.4.1';

/** A CDEvent, with what we say of it besides. https://github.com/cdevents/spec/blob/v0.5.1/spec.md */
export interface CdEvent<Custom = OutgoingEvent> {
  readonly context: {
    /** The version of the specification: `version` is its name up to 0.4. */
    readonly specversion?: CdEventsVersion;
    readonly version?: CdEventsVersion;
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly timestamp: string;
    readonly chainId?: string;
  };
  readonly subject: {
    readonly id: string;
    /** Up to 0.4. */
    readonly type?: string;
    readonly content: Readonly<Record<string, unknown>>;
  };
  readonly customData: Custom;
  readonly customDataContentType: 'application/json';
}

/** The types of events that are sent, without `dev.cdevents.` and the version. */
export type CdEventType = 'incident.detected' | 'incident.resolved' | `service.${ServicePredicate}`;
type ServicePredicate = 'deployed' | 'upgraded' | 'removed';

/** What an event is about. */
export interface Occurrence {
  readonly type: CdEventType;
  /** Of the subject. */
  readonly id: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** What an event says besides: `at` is RFC 3339. */
export interface CdEventParts<Custom> extends Occurrence {
  readonly eventId: string;
  readonly cluster: string;
  readonly at: string;
  readonly chainId?: string;
  readonly customData: Custom;
}

/**
 * The event of an update's end: `service.upgraded`, or `incident.detected`, since the specification has no event
 * for a rollout that failed. `undefined` for ends that pipelines do not act on.
 */
export function cdEvent(
  update: Update,
  version: CdEventsVersion,
  type: EventType | undefined = eventOf(update),
): CdEvent | undefined {
  const event = type && isCdEvent(type) ? outgoingEvent(update, type) : undefined;
  if (!event) return undefined;
  const { id: eventId, cluster, timestamp: at } = event;
  const parts = { eventId, cluster, at, chainId: chainIdOf(update), customData: event };
  return cdEventOf(version, { ...occurrenceOf(update, event), ...parts });
}

/** The event in the envelope of its version. */
export function cdEventOf<Custom>(
  version: CdEventsVersion,
  { type, id, content, eventId, cluster, at, chainId, customData }: CdEventParts<Custom>,
): CdEvent<Custom> {
  const isOld = version === '0.4.1';
  return {
    context: {
      ...(isOld ? { version } : { specversion: version }),
      id: eventId,
      source: sourceOf(cluster),
      type: `dev.cdevents.${type}.${isOld ? '0.2.0' : '0.3.0'}`,
      timestamp: at,
      ...(chainId === undefined ? {} : { chainId }),
    },
    subject: { id, ...(isOld ? { type: type.replace(/\..*/, '') } : {}), content },
    customData,
    customDataContentType: 'application/json',
  };
}

/** Whether there is a CDEvent for it: 0.5 has none for approvals. */
export function isCdEvent(type: EventType): boolean {
  return type === 'update.succeeded' || type === 'update.failed';
}

function occurrenceOf(update: Update, { status, reason, message }: OutgoingEvent): Occurrence {
  const service = workloadId(update.workload);
  const common = { environment: { id: environmentOf(update.workload) }, artifactId: ociPurl(update) };
  if (status === 'succeeded') return { type: 'service.upgraded', id: service, content: common };
  const description = [reason, message].filter((words) => words !== null).join(': ');
  return {
    ...{ type: 'incident.detected', id: update.name },
    content: { description, service: { id: service }, ...common },
  };
}

/** The `environment` of what happens to a workload. */
export function environmentOf({ cluster, namespace }: WorkloadKey): string {
  return `${cluster}/${namespace}`;
}

/** The name space of RFC 9562, section 6.6, for names that are URLs. */
const urlNames = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/**
 * One id for everything that came from one push: the UUID version 5 of the pushed image's package URL (RFC 9562,
 * section 5.5). The same in every process and after every restart, and whoever has the URL can make it.
 */
export function chainIdOf(image: PushedImage): string {
  const hash = createHash('sha1').update(urlNames).update(ociPurl(image)).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
