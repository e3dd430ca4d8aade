import { timestamp } from './clock.ts';
import { containerStatuses, fateOf, initStatuses, type Fate } from './container-status.ts';
import { shortHash } from './template-hash.ts';
import type { Condition, ContainerStatus, Pod } from './objects.ts';

type Status = NonNullable<Pod['status']>;

/** How often a crashed container is tried at the normal pace, before the pauses grow. */
const eagerRestarts = 5;
/** The kubelet's longest pause is five minutes, for a first one of about a second. */
const longestPause = 300;

/** How a pod fares, `stage` steps into its life; stage 0 is just created. Pure. */
export function podStatus(pod: Pod, stage: number, now: Date): Status {
  const time = timestamp(now);
  const containers = containerStatuses(pod, stage, time);
  const before = initStatuses(pod, stage, time);
  const pending = stage === 0 || fatesOf(pod).includes('cannot-pull') || before.some((one) => !one.ready);
  const podIP = addressOf(pod);
  return {
    ...pod.status,
    phase: pending ? 'Pending' : 'Running',
    conditions: conditionsOf(pod, [before, containers], time),
    ...(before.length > 0 && { initContainerStatuses: before }),
    containerStatuses: containers,
    ...{ hostIP: '127.0.0.1', podIP, podIPs: [{ ip: podIP }], startTime: pod.metadata.creationTimestamp },
  };
}

/** How long a pod stays at `stage`, in milliseconds; `undefined` when it stays for good. */
export function stageMs(pod: Pod, stage: number, podReadyMs: number): number | undefined {
  const fates = fatesOf(pod);
  if (stage === 0 || (stage === 1 && fates.includes('cannot-pull'))) return podReadyMs;
  if (!fates.includes('crashes')) return undefined;
  return podReadyMs * Math.min(longestPause, 2 ** Math.max(0, stage - eagerRestarts));
}

function fatesOf({ spec }: Pod): readonly Fate[] {
  return [...(spec.initContainers ?? []), ...spec.containers].map(fateOf);
}

type Statuses = readonly ContainerStatus[];

function conditionsOf(
  { status }: Pod,
  [init, main]: readonly [Statuses, Statuses],
  now: string,
): readonly Condition[] {
  const ready = condition(main, 'ContainersNotReady', 'containers with unready status');
  const conditions: readonly Condition[] = [
    {
      type: 'Initialized',
      ...condition(init, 'ContainersNotInitialized', 'containers with incomplete status'),
    },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
  return conditions.map((next) => {
    const before = status?.conditions?.find(({ type }) => type === next.type);
    const since = before?.status === next.status ? before.lastTransitionTime : undefined;
    return { ...next, lastTransitionTime: since ?? now };
  });
}

/** True when every container is ready, else false with the names of those that are not. */
function condition(containers: Statuses, reason: string, message: string): Omit<Condition, 'type'> {
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { status: 'True' };
  return { status: 'False', reason, message: `${message}: [${unready.join(' ')}]` };
}

/** An address that looks like one of a pod network; nobody answers there. */
function addressOf({ metadata }: Pod): string {
  const [third = 0, fourth = 1] = Buffer.from(shortHash(metadata.uid ?? '', 2));
  return `10.244.${third}.${fourth}`;
}
