import { createApi } from '../../src/embedded/api.ts';
import { startControllers } from '../../src/embedded/controllers.ts';
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  Pod,
  ReplicaSet,
  StatefulSet,
} from '../../src/embedded/objects.ts';
import { resourceNamed } from '../../src/embedded/resources.ts';
import { createState } from '../../src/embedded/state.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** How long a pod takes to become ready. */
export const podReadyMs = 1000;

/** A cluster without its HTTP face, on a clock that the test moves, with one namespace: `default`. */
export function createBareCluster() {
  const clock = createFakeClock();
  const state = createState();
  let ids = 0;
  const uid = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const api = createApi(state, clock.now, uid);
  const stop = startControllers({ state, clock, uid }, clock, podReadyMs);
  const write = { dryRun: false, manager: 'test' };
  const at = (plural: string) => ({ resource: resourceNamed(plural), namespace: 'default' });
  api.create(
    { resource: resourceNamed('namespaces'), namespace: '' },
    { metadata: { name: 'default' } },
    write,
  );
  const list = (plural: string) => state.list(resourceNamed(plural));
  return {
    ...{ clock, state, api, stop, resource: resourceNamed },
    create: (plural: string, body: object) => api.create(at(plural), body, write),
    /** A merge patch of the spec. */
    patch: (plural: string, name: string, spec: object) =>
      api.patch(
        { ...at(plural), name, subresource: undefined },
        'application/merge-patch+json',
        { spec },
        write,
      ),
    remove: (plural: string, name: string, options: object = {}) =>
      api.remove({ ...at(plural), name, subresource: undefined }, options),
    deployment: () => list('deployments')[0] as unknown as Deployment,
    sets: () => list('replicasets') as unknown as readonly ReplicaSet[],
    statefulSet: () => list('statefulsets')[0] as unknown as StatefulSet,
    daemonSet: () => list('daemonsets')[0] as unknown as DaemonSet,
    revisions: () => list('controllerrevisions') as unknown as readonly ControllerRevision[],
    pods: () => list('pods') as unknown as readonly Pod[],
    events: () => list('events').map(({ message }) => message as string),
  };
}

/** A spec whose pods have one container, `web`. */
export function webSpec(image: string, more: object = {}): object {
  const labels = { app: 'web' };
  return { selector: { matchLabels: labels }, template: webTemplate(image), ...more };
}

/** A template of one container, `web`. */
export function webTemplate(image: string): object {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } };
}

/** The pods as `name image`, and `?` behind those that do not serve. */
export function shown(pods: readonly Pod[]): readonly string[] {
  return pods.map(({ metadata, spec, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
    return `${metadata.name} ${spec.containers[0]?.image ?? ''}${ready ? '' : '?'}`;
  });
}
