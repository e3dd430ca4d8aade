import { imageUpdates } from './image-updates.ts';
import { isObject, objectOr, type JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import { podSpec, templateOf } from './pod-defaults.ts';

/** The status an object is born with, by kind. */
export const firstStatus: Readonly<Record<string, JsonObject>> = {
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  DaemonSet: {
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
  },
  CronJob: {},
  Pod: { phase: 'Pending', qosClass: 'BestEffort' },
  Namespace: { phase: 'Active' },
  ImageUpdate: imageUpdates.firstStatus,
};

/** Fills in what the real API server fills in, as far as clients look at it. Total over any input. */
export function withDefaults(object: KubeObject): KubeObject {
  if (!isObject(object.spec)) return object;
  const fill = specs[object.kind];
  return fill ? { ...object, spec: fill(object.spec) } : object;
}

const specs: Readonly<Record<string, (spec: JsonObject) => JsonObject>> = {
  Deployment: deploymentSpec,
  ReplicaSet: (spec) => ({ replicas: 1, ...spec, ...templateOf(spec) }),
  StatefulSet: statefulSetSpec,
  DaemonSet: daemonSetSpec,
  CronJob: cronJobSpec,
  Pod: podSpec,
};

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

function statefulSetSpec(spec: JsonObject): JsonObject {
  const given = objectOr(spec.updateStrategy);
  const { type = 'RollingUpdate', rollingUpdate = given.type === undefined ? {} : undefined } = given;
  const partitioned = isObject(rollingUpdate) ? { rollingUpdate: { partition: 0, ...rollingUpdate } } : {};
  const retention = objectOr(spec.persistentVolumeClaimRetentionPolicy);
  return {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    ...spec,
    ...templateOf(spec),
    updateStrategy: { ...given, type, ...partitioned },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain', ...retention },
  };
}

function daemonSetSpec(spec: JsonObject): JsonObject {
  const given = objectOr(spec.updateStrategy);
  const { type = 'RollingUpdate' } = given;
  const rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...objectOr(given.rollingUpdate) };
  return {
    revisionHistoryLimit: 10,
    ...spec,
    ...templateOf(spec),
    updateStrategy: { ...given, type, ...(type === 'RollingUpdate' && { rollingUpdate }) },
  };
}

function cronJobSpec(spec: JsonObject): JsonObject {
  const { jobTemplate } = spec;
  const withJob = isObject(jobTemplate) && isObject(jobTemplate.spec);
  return {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    ...spec,
    ...(withJob && { jobTemplate: { ...jobTemplate, spec: jobSpec(objectOr(jobTemplate.spec)) } }),
  };
}

function jobSpec(spec: JsonObject): JsonObject {
  return { ...spec, ...templateOf(spec) };
}
