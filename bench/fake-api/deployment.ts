/** The part of a Deployment that the fake API server changes; the rest is carried along. */
export interface Deployment {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly generation: number;
    readonly resourceVersion: string;
    readonly annotations: Readonly<Record<string, string>>;
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

const namespace = 'default';
const created = '2026-01-01T00:00:00Z';
const env = Array.from({ length: 12 }, (_, n) => ({ name: `SETTING_${n}`, value: `value-of-setting-${n}` }));
const probe = { httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 };

/**
 * A Deployment as a cluster holds it after `kubectl apply` and a finished rollout: 7 kB of JSON, most of it
 * managed fields and the last applied configuration.
 */
export function deployment(name: string, repository: string, version: number): Deployment {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'bench' };
  const container = {
    ...{ name: 'app', image: `${repository}:1.0.0`, imagePullPolicy: 'IfNotPresent', env },
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    ...{ livenessProbe: probe, readinessProbe: probe },
    ...{ terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' },
  };
  const spec = {
    replicas: 2,
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
  const applied = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace, labels }, spec };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: {
      ...{ name, namespace, uid: crypto.randomUUID(), creationTimestamp: created, generation: 1, labels },
      resourceVersion: String(version),
      annotations: {
        'updatekate.dev/policy': 'semver',
        'deployment.kubernetes.io/revision': '1',
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied),
      },
      ...{
        managedFields: [managed('kubectl-client-side-apply', spec), managed('kube-controller-manager', {})],
      },
    },
    spec,
    status: converged(2, 1),
  };
}

function managed(manager: string, spec: object): unknown {
  return {
    ...{ manager, operation: 'Update', apiVersion: 'apps/v1', time: created, fieldsType: 'FieldsV1' },
    fieldsV1: {
      'f:metadata': { 'f:annotations': { '.': {} }, 'f:labels': { '.': {} } },
      'f:spec': owned(spec),
    },
  };
}

/** What field management makes of an object: the same tree, `f:` before every key and no values. */
function owned(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value as readonly { readonly name?: string }[];
    return Object.fromEntries(items.map((item) => [`k:{"name":"${item.name ?? ''}"}`, owned(item)]));
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [`f:${key}`, owned(inner)]));
}

/** The status of a Deployment all of whose pods run the newest template and are available. */
export function converged(replicas: number, generation: number): Deployment['status'] {
  const times = { lastUpdateTime: created, lastTransitionTime: created };
  return {
    ...{ observedGeneration: generation, replicas, updatedReplicas: replicas },
    ...{ readyReplicas: replicas, availableReplicas: replicas },
    conditions: [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', ...times },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', ...times },
    ],
  };
}
