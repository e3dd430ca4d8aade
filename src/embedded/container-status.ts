import type { ContainerStatus, Pod } from './objects.ts';

type Container = Pick<ContainerStatus, 'name' | 'image'>;
type Waiting = NonNullable<ContainerStatus['state']['waiting']>;

/** What becomes of a container. */
export type Fate = 'runs' | 'cannot-pull' | 'crashes';

/** What the tag asks for: `broken` can never be pulled, `crash` crashes, everything else runs. */
export function fateOf({ image }: Pick<Container, 'image'>): Fate {
  const tag = /:([^/:@]+)(?:@.*)?$/.exec(image)?.[1] ?? '';
  if (tag.includes('broken')) return 'cannot-pull';
  return tag.includes('crash') ? 'crashes' : 'runs';
}

/** The state of the containers, `stage` steps into the pod's life. Init containers come first, all at once. */
export function containerStatuses(
  { spec, status }: Pod,
  stage: number,
  now: string,
): readonly ContainerStatus[] {
  const isBlocked = spec.initContainers?.some((container) => fateOf(container) !== 'runs') ?? false;
  return spec.containers.map(({ name, image }) => {
    if (isBlocked) return idle({ name, image }, { reason: 'PodInitializing' });
    if (stage === 0 || fateOf({ image }) !== 'runs') return failing({ name, image }, stage);
    const before = status?.containerStatuses?.find((one) => one.name === name)?.state.running;
    return { ...ready({ name, image }), started: true, state: { running: before ?? { startedAt: now } } };
  });
}

/** The state of the init containers: each has ended well, or keeps the others waiting. */
export function initStatuses({ spec, status }: Pod, stage: number, now: string): readonly ContainerStatus[] {
  return (spec.initContainers ?? []).map(({ name, image }) => {
    if (stage === 0 || fateOf({ image }) !== 'runs') return failing({ name, image }, stage);
    const before = status?.initContainerStatuses?.find((one) => one.name === name)?.state.terminated;
    const terminated = before ?? { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now };
    return { ...ready({ name, image }), state: { terminated } };
  });
}

function ready(container: Container): Omit<ContainerStatus, 'state'> {
  return { ...container, ready: true, restartCount: 0, imageID: container.image };
}

function idle(container: Container, waiting: Waiting): ContainerStatus {
  return { ...container, ready: false, started: false, restartCount: 0, imageID: '', state: { waiting } };
}

function failing(container: Container, stage: number): ContainerStatus {
  const crashed = fateOf(container) === 'crashes' ? Math.max(0, stage - 1) : 0;
  return { ...idle(container, reasonOf(container, stage)), restartCount: crashed };
}

function reasonOf({ name, image }: Container, stage: number): Waiting {
  if (stage === 0) return { reason: 'ContainerCreating' };
  if (fateOf({ image }) === 'crashes') {
    return { reason: 'CrashLoopBackOff', message: `back-off 10s restarting failed container=${name}` };
  }
  if (stage === 1) return { reason: 'ErrImagePull', message: `failed to pull image "${image}": not found` };
  return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` };
}
