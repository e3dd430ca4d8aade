import { approversOf, type Approval, type Person } from './approval.ts';
import { parseImageRef, withTag } from './image-ref.ts';
import type { Phase } from './phases.ts';
import type { PhaseEntry, Update } from './update.ts';

/** What can be told of an update, and the phase that it is told of. */
export const eventTypes = {
  'update.awaiting-approval': 'AwaitingApproval',
  'update.approved': 'Delivering',
  'update.rejected': 'Rejected',
  'update.expired': 'Expired',
  'update.superseded': 'Superseded',
  'update.succeeded': 'Succeeded',
  'update.failed': 'Failed',
} as const satisfies Readonly<Record<`update.${string}`, Phase>>;

/** The type of an event. */
export type EventType = keyof typeof eventTypes;

/** Whether this version knows of it. */
export function isEventType(text: string): text is EventType {
  return Object.hasOwn(eventTypes, text);
}

/** What is told of every update; the others only of one that people were asked about. */
const alwaysTold: readonly EventType[] = ['update.succeeded', 'update.failed'];

/** What people decide by, and who has decided. */
export interface ApprovalSaid extends Pick<Approval, 'votes' | 'approvers' | 'deadlineAt' | 'hash'> {
  /** Everyone who voted, in the order they did; `reason` where one was given. */
  readonly given: readonly {
    readonly by: string;
    readonly vote: string;
    readonly at: string;
    readonly reason?: string;
  }[];
}

/**
 * What the outgoing webhook says. The first four keys are the first system's, with its meanings: `repository`
 * is the Deployment's name. Everything after them is new.
 */
export interface OutgoingEvent {
  /** RFC 3339: when it happened. */
  readonly timestamp: string;
  readonly repository: string;
  readonly namespace: string;
  /** `repository:tag`. */
  readonly docker_url: string;
  /** Constant over every retry: the receiver's key against duplicates. */
  readonly id: string;
  readonly type: EventType;
  readonly cluster: string;
  readonly kind: string;
  readonly deployment: string;
  /** The container moved; the first one when several moved together. */
  readonly container: string;
  readonly containers: readonly string[];
  readonly image: string;
  readonly previousImage: string;
  readonly digest: string | null;
  /** The type without `update.`. */
  readonly status: string;
  /** Why it ended so, where that is not obvious (always on failure): a code, and words for a person. */
  readonly reason: string | null;
  readonly message: string | null;
  readonly approvedBy: readonly string[];
  /** Absent where nobody was asked. */
  readonly approval?: ApprovalSaid;
  /** From the push until then. */
  readonly durationMs: number;
  readonly verdictUrl: string | null;
}

/** What the phase that an update is in is told as; `undefined` when nobody acts on it. */
export function eventOf({ phase, approval }: Update): EventType | undefined {
  const types = approval ? (Object.keys(eventTypes) as EventType[]) : alwaysTold;
  return types.find((type) => eventTypes[type] === phase);
}

/** One event of an update's life; `undefined` when it has not come to that. */
export function outgoingEvent(
  update: Update,
  type: EventType | undefined = eventOf(update),
): OutgoingEvent | undefined {
  const { workload, moves, approval } = update;
  const [first] = moves;
  const entry = type && update.history.findLast(({ phase }) => phase === eventTypes[type]);
  if (!first || !type || !entry) return undefined;
  const status = type.slice('update.'.length);
  return {
    timestamp: entry.at,
    repository: workload.name,
    namespace: workload.namespace,
    docker_url: dockerUrl(update, first.to),
    id: `${update.name}-${status}`,
    type,
    cluster: workload.cluster,
    kind: workload.kind,
    deployment: workload.name,
    container: first.container,
    containers: moves.map(({ container }) => container),
    image: first.to,
    previousImage: first.from,
    digest: update.digest ?? null,
    status,
    ...why(update, entry),
    ...(approval ? saidOf(approval) : { approvedBy: [] }),
    durationMs: Date.parse(entry.at) - Date.parse(update.createdAt),
    verdictUrl: null,
  };
}

/** The update may have moved on since: what it says now is of another phase then. */
function why(update: Update, { phase, reason }: PhaseEntry): Pick<OutgoingEvent, 'reason' | 'message'> {
  const message = phase === update.phase ? update.message : undefined;
  return { reason: reason ?? null, message: message ?? null };
}

function saidOf({
  votes,
  approvers,
  deadlineAt,
  hash,
  given,
}: Approval): Pick<OutgoingEvent, 'approvedBy' | 'approval'> {
  const called = ({ name, email }: Person): string => email ?? name;
  const votesGiven = given.map(({ by, vote, at, reason }) => ({
    ...{ by: called(by), vote, at },
    ...(reason === undefined ? {} : { reason }),
  }));
  return {
    approvedBy: approversOf(given).map(called),
    approval: { votes, approvers, deadlineAt, hash, given: votesGiven },
  };
}

function dockerUrl({ repository, tag }: Update, image: string): string {
  const ref = parseImageRef(image);
  return ref ? withTag(ref, tag) : `${repository}:${tag}`;
}
