import { imageUpdates } from './image-updates.ts';
import { isObject, objectOr, type JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';

/** The status an object is born with, by kind. */
export const firstStatus: Readonly<Record<string, JsonObject>> = {
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  Pod: { phase: 'Pending', qosClass: 'BestEffort' },
  Namespace: { phase: 'Active' },
  ImageUpdate: imageUpdates.firstStatus,
};

/** Fills in what the real API server fills in, as far as clients look at it. Total over any input. */
export function withDefaults(object: KubeObject): KubeObject {
  if (!isObject(object.spec)) return object;
  switch (object.kind) {
    case 'Deployment':
      return { ...object, spec: deploymentSpec(object.spec) };
    case 'ReplicaSet':
      return { ...object, spec: { replicas: 1, ...object.spec, ...templateOf(object.spec) } };
    case 'Pod':
      return { ...object, spec: podSpec(object.spec) };
    default:
      return object;
  }
}

function deploymentSpec(spec: JsonObject): JsonObject {
  return {
    replicas: 1,
    ...spec,
    ...templateOf(spec),
    strategy: strategy(objectOr(spec.strategy)),
    revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
    progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
  };
}

function strategy(given: JsonObject): JsonObject {
  const type = given.type ?? 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...given, type };
  const rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...objectOr(given.rollingUpdate) };
  return { ...given, type, rollingUpdate };
}

function templateOf({ template }: JsonObject): JsonObject {
  if (!isObject(template) || !isObject(template.spec)) return {};
  return { template: { ...template, spec: podSpec(template.spec) } };
}

function podSpec(spec: JsonObject): JsonObject {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    ...spec,
    ...containersOf(spec, 'containers'),
    ...containersOf(spec, 'initContainers'),
  };
}

function containersOf(spec: JsonObject, field: 'containers' | 'initContainers'): JsonObject {
  const list = spec[field];
  return Array.isArray(list) ? { [field]: list.map(container) } : {};
}

function container(given: unknown): unknown {
  if (!isObject(given)) return given;
  const latest = typeof given.image === 'string' && !/:(?!latest$)[^/]+$/.test(given.image);
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    ...given,
  };
}
