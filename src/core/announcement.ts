import { parseImageRef, withTag } from './image-ref.ts';
import type { Update } from './update.ts';

/**
 * What the outgoing webhook says. The first four keys are the first system's, with its meanings: `repository`
 * is the Deployment's name. Everything after them is new.
 */
export interface OutgoingEvent {
  /** RFC 3339: when the update ended. */
  readonly timestamp: string;
  readonly repository: string;
  readonly namespace: string;
  /** `repository:tag`. */
  readonly docker_url: string;
  /** Constant over every retry: the receiver's key against duplicates. */
  readonly id: string;
  readonly type: 'update.succeeded' | 'update.failed';
  readonly cluster: string;
  readonly kind: string;
  readonly deployment: string;
  /** The container moved; the first one when several moved together. */
  readonly container: string;
  readonly containers: readonly string[];
  readonly image: string;
  readonly previousImage: string;
  readonly digest: string | null;
  readonly status: 'succeeded' | 'failed';
  /** Why it ended so, where that is not obvious (always on failure): a code, and words for a person. */
  readonly reason: string | null;
  readonly message: string | null;
  readonly approvedBy: readonly string[];
  /** From the push to the end. */
  readonly durationMs: number;
  readonly verdictUrl: string | null;
}

/** The event of an update's end; `undefined` for ends that pipelines do not act on. */
export function outgoingEvent(update: Update): OutgoingEvent | undefined {
  const { workload, moves, finishedAt } = update;
  const status = statusOf(update);
  const [first] = moves;
  if (!first || finishedAt === undefined || !status) return undefined;
  return {
    timestamp: finishedAt,
    repository: workload.name,
    namespace: workload.namespace,
    docker_url: dockerUrl(update, first.to),
    id: `${update.name}-${status}`,
    type: `update.${status}`,
    cluster: workload.cluster,
    kind: workload.kind,
    deployment: workload.name,
    container: first.container,
    containers: moves.map(({ container }) => container),
    image: first.to,
    previousImage: first.from,
    digest: update.digest ?? null,
    status,
    reason: update.reason ?? null,
    message: update.message ?? null,
    approvedBy: [],
    durationMs: Date.parse(finishedAt) - Date.parse(update.createdAt),
    verdictUrl: null,
  };
}

function statusOf({ phase }: Update): OutgoingEvent['status'] | undefined {
  if (phase === 'Succeeded') return 'succeeded';
  return phase === 'Failed' ? 'failed' : undefined;
}

function dockerUrl({ repository, tag }: Update, image: string): string {
  const ref = parseImageRef(image);
  return ref ? withTag(ref, tag) : `${repository}:${tag}`;
}
