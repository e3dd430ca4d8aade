import { apiVersionOf, collectionPath, podSpecPath } from '../../src/core/kinds.ts';
import type { WorkloadKind } from '../../src/core/workload.ts';

/** A call of the Kubernetes API with all rights; the answer's JSON. */
export type ApiCall = (
  method: string,
  path: string,
  body?: unknown,
  contentType?: string,
) => Promise<unknown>;

/** What people do to a workload, as the programs that they use do it. */
export interface Hands {
  create(manager: string): Promise<void>;
  /** `kubectl set image`: the container `app`. */
  setImage(tag: string, manager?: string): Promise<void>;
  setEnvironment(value: string, manager: string): Promise<void>;
  /** `kubectl rollout restart`. */
  restart(): Promise<void>;
  /** `kubectl scale`. */
  scale(replicas: number): Promise<void>;
  /** `kubectl rollout pause` and `resume`. */
  pause(paused: boolean): Promise<void>;
  remove(): Promise<void>;
  read(): Promise<WatchedObject>;
}

/** A workload as far as tests look at it. */
export interface WatchedObject {
  readonly kind: string;
  readonly metadata: { readonly generation?: number };
  readonly spec: { readonly replicas?: number };
  /** Counts, `observedGeneration` among them. */
  readonly status?: Readonly<Record<string, number | undefined>>;
}

/** Stands in every place where people and tools put what is nobody else's business. */
export const canary = 'canary-of-nobody';

const strategic = 'application/strategic-merge-patch+json';
const merge = 'application/merge-patch+json';
const teamLabel = 'app.dbc.dk/team';

/** The workload of this name, which may not be there yet. */
export function handsOn(api: ApiCall, kind: WorkloadKind, namespace: string, name: string): Hands {
  const collection = collectionPath(kind, namespace);
  const path = `${collection}/${name}`;
  const patch = async (
    manager: string,
    body: object,
    { below = '', type = strategic }: { readonly below?: string; readonly type?: string } = {},
  ): Promise<void> => {
    await api('PATCH', `${path}${below}?fieldManager=${manager}`, body, type);
  };
  const template = (different: object): object =>
    podSpecPath(kind)
      .slice(0, -1)
      .reduceRight<object>((inner, field) => ({ [field]: inner }), different);
  return {
    async create(manager) {
      await api('POST', `${collection}?fieldManager=${manager}`, objectOf(kind, name));
    },
    setImage: (tag, manager = 'kubectl-set') =>
      patch(manager, template({ spec: { containers: [{ name: 'app', image: imageOf(name, tag) }] } })),
    setEnvironment: (value, manager) =>
      patch(manager, template({ spec: { containers: [{ name: 'app', env: [{ name: 'MODE', value }] }] } })),
    restart: () =>
      patch(
        'kubectl-rollout',
        template({
          metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } },
        }),
      ),
    scale: (replicas) => patch('kubectl', { spec: { replicas } }, { below: '/scale', type: merge }),
    pause: (paused) => patch('kubectl-rollout', { spec: { paused } }),
    async remove() {
      await api('DELETE', path);
    },
    read: async () => (await api('GET', path)) as WatchedObject,
  };
}

/** The image of `app` of this workload. */
export function imageOf(name: string, tag: string): string {
  return `quay.io/acme/${name}:${tag}`;
}

/** As a client sends it: two pods of two containers, a team, and canaries. */
function objectOf(kind: WorkloadKind, name: string): object {
  const labels = { app: `${kind.toLowerCase()}-${name}` };
  const secret = { secretKeyRef: { name: canary, key: canary, optional: true } };
  const spec = {
    containers: [
      {
        ...{ name: 'app', image: imageOf(name, '1.0.0'), command: ['sh', '-c', canary] },
        env: [
          { name: 'MODE', value: canary },
          { name: 'FROM', valueFrom: secret },
        ],
        args: [`--token=${canary}`],
      },
      { name: 'side', image: 'quay.io/acme/side:1.0.0' },
    ],
    ...(kind === 'CronJob' ? { restartPolicy: 'Never' } : {}),
  };
  const annotations = { 'example.test/note': canary };
  const template = { metadata: { labels: { ...labels, [teamLabel]: 'checkout' }, annotations }, spec };
  const selector = { matchLabels: labels };
  return {
    ...{ apiVersion: apiVersionOf(kind), kind, metadata: { name, labels, annotations } },
    spec: {
      Deployment: { replicas: 2, selector, template },
      StatefulSet: { replicas: 2, serviceName: name, selector, template },
      DaemonSet: { selector, template },
      // There is no 31st of February.
      CronJob: { schedule: '0 0 31 2 *', jobTemplate: { spec: { template } } },
    }[kind],
  };
}
