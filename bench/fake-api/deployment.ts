import { managedFields, type ManagedEntry } from './managed-fields.ts';

/** The part of a Deployment that the fake API server changes; the rest is carried along. */
export interface Deployment {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly generation: number;
    readonly resourceVersion: string;
    readonly annotations: Readonly<Record<string, string>>;
    readonly managedFields: readonly ManagedEntry[];
  };
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
    };
  };
  readonly status: Readonly<Record<string, unknown>>;
}

/** The image that every measured Deployment of the shared group runs, and those that run one of their own. */
export const sharedRepository = 'quay.io/bench/shared';
/** Repository of a Deployment that shares its image with nobody. */
export function ownRepository(name: string): string {
  return `quay.io/bench/${name}`;
}

const created = '2026-01-01T00:00:00Z';
const env = Array.from({ length: 12 }, (_, n) => ({ name: `SETTING_${n}`, value: `value-of-setting-${n}` }));
const probe = {
  ...{ httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 },
  ...{ failureThreshold: 3, successThreshold: 1, timeoutSeconds: 1 },
};

/**
 * A Deployment as a cluster holds it after `kubectl apply`, `kubectl set image` and a finished rollout: 8 kB of JSON, most
 * of it managed fields and the last applied configuration.
 */
export function deployment(
  name: string,
  repository: string,
  version: number,
  namespace = 'default',
): Deployment {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'bench' };
  const spec = { ...specOf(labels, `${repository}:1.0.0`), replicas: 2 };
  const applied = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace, labels }, spec };
  const said = {
    'updatekate.dev/policy': 'semver',
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied),
  };
  const status = converged(2, 1);
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: {
      ...{ name, namespace, uid: crypto.randomUUID(), creationTimestamp: created, generation: 1, labels },
      resourceVersion: String(version),
      annotations: { ...said, 'deployment.kubernetes.io/revision': '1' },
      managedFields: managedFields({ labels, annotations: said, spec, status }, created),
    },
    ...{ spec, status },
  };
}

function specOf(labels: Readonly<Record<string, string>>, image: string) {
  const container = {
    ...{ name: 'app', image, imagePullPolicy: 'IfNotPresent', env },
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    ...{ livenessProbe: probe, readinessProbe: probe },
    ...{ terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' },
  };
  return {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [container],
        ...{ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', schedulerName: 'default-scheduler' },
        ...{ terminationGracePeriodSeconds: 30, securityContext: {} },
      },
    },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    ...{ revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  };
}

/** The status of a Deployment all of whose pods run the newest template and are available. */
export function converged(replicas: number, generation: number): Deployment['status'] {
  const times = { lastUpdateTime: created, lastTransitionTime: created };
  const available = { reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' };
  const progressed = {
    reason: 'NewReplicaSetAvailable',
    message: 'ReplicaSet "app-1-fc5967d8b" has successfully progressed.',
  };
  return {
    ...{ observedGeneration: generation, replicas, updatedReplicas: replicas },
    ...{ readyReplicas: replicas, availableReplicas: replicas, terminatingReplicas: 0 },
    conditions: [
      { type: 'Available', status: 'True', ...available, ...times },
      { type: 'Progressing', status: 'True', ...progressed, ...times },
    ],
  };
}
