import { createHash } from 'node:crypto';
import { workloadId, type Container, type Workload } from './workload.ts';

/** What people know of a workload, or need not be told: what its next state is compared with. */
export interface Seen {
  /** How it came to be so, in the predecessor's words; of what is gone, what it last was is kept. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly containers: readonly Container[];
  readonly team?: string;
  /** Pods wanted, where somebody decides that. */
  readonly scale?: number;
  /** From here on: absent in what the predecessor wrote. */
  readonly uid?: string;
  readonly generation?: number;
  /** As in `WorkloadTraits`. */
  readonly template?: string;
  readonly restartedAt?: string;
  readonly failed?: SeenFailure;
}

/** A state that does not work. */
export interface SeenFailure {
  /** Its fingerprint: of the same one nobody is told twice. */
  readonly of: string;
  /** Where its end belongs. */
  readonly thread: string;
  /** Nobody was told: it was so, or on its way, when the workload was first seen. */
  readonly silent?: true;
  /** It crashes again and again, and is well in between. */
  readonly loops?: true;
}

/** The workload as it is now. */
export function seenOf(workload: Workload, type: Seen['type']): Seen {
  const { uid, generation, containers, team, traits } = workload;
  return {
    ...{ type, containers, uid, generation },
    ...(team === undefined ? {} : { team }),
    ...(traits?.scale === undefined ? {} : { scale: traits.scale }),
    ...(traits ? { template: traits.template } : {}),
    ...(traits?.restartedAt === undefined ? {} : { restartedAt: traits.restartedAt }),
  };
}

/** The workload as it was when the watch began: whatever state it is in, nobody is told of it. */
export function firstSeen(workload: Workload, isWell: boolean): Seen {
  const seen = seenOf(workload, 'ADDED');
  if (isWell) return seen;
  return { ...seen, failed: { of: fingerprint(workload), thread: threadOf(workload), silent: true } };
}

/** What tells one rollout of a workload from another: all that its pods are made of. */
export function fingerprint({ containers, traits }: Workload): string {
  const images = containers.map(({ name, image }) => [name, image]);
  return shortHash([images, traits?.template ?? null, traits?.restartedAt ?? null]);
}

/** The thread of a rollout, where it has none yet. What is the same as long ago is another rollout all the same. */
export function threadOf(workload: Workload): string {
  const { key, uid, generation } = workload;
  return `ch-${shortHash([workloadId(key), uid, generation, fingerprint(workload)])}`;
}

function shortHash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
