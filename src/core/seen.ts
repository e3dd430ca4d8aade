import { createHash } from 'node:crypto';
import { workloadId, type Container, type Workload, type WorkloadTraits } from './workload.ts';

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
  /** Why, in Kubernetes' word, as it was found first; absent = nobody has looked for that yet. */
  readonly reason?: string;
  /** Nobody was told: it was so, or on its way, when the workload was first seen. */
  readonly silent?: true;
  /** It crashes again and again, and is well in between. */
  readonly loops?: true;
}

const changePrefix = 'ch-';

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

/** What the pods of a workload are made of. */
export interface Made extends Pick<Workload, 'containers'> {
  readonly traits?: Pick<WorkloadTraits, 'template' | 'restartedAt'>;
}

/** What tells one rollout of a workload from another: all that its pods are made of. */
export function fingerprint({ containers, traits }: Made): string {
  const images = containers.map(({ name, image }) => [name, image]);
  return shortHash([images, traits?.template ?? null, traits?.restartedAt ?? null]);
}

/** The fingerprint of what was seen; undefined when it is known in part only. */
export function seenFingerprint({ containers, template, restartedAt }: Seen): string | undefined {
  if (template === undefined) return undefined;
  return fingerprint({
    containers,
    traits: { template, ...(restartedAt === undefined ? {} : { restartedAt }) },
  });
}

/** The thread of a rollout, where it has none yet. What is the same as long ago is another rollout all the same. */
export function threadOf(workload: Workload): string {
  const { key, uid, generation } = workload;
  return `${changePrefix}${shortHash([workloadId(key), uid, generation, fingerprint(workload)])}`;
}

/** Whether a thread is of a change that others made: that of an update has the update's name. */
export function isChangeThread(thread: string): boolean {
  return thread.startsWith(changePrefix);
}

function shortHash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
