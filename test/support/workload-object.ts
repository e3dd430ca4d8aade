import { toWorkload, type AlsoRead } from '../../src/cluster/workload-object.ts';
import type { Workload, WorkloadKind } from '../../src/core/workload.ts';

/** Nothing is read of a workload but what always is; its team by the usual label. */
export const nothingElse: AlsoRead = { annotations: [], teamLabel: 'app.dbc.dk/team' };

/** A workload as it is read of an object. */
export function readWorkload(
  cluster: string,
  kind: WorkloadKind,
  object: unknown,
  also: Partial<AlsoRead> = {},
): Workload {
  return toWorkload(cluster, kind, object, { ...nothingElse, ...also });
}

/** A StatefulSet, DaemonSet or CronJob as a client sends it, with one container and a policy of its own. */
export function aWorkloadObject(
  kind: 'StatefulSet' | 'DaemonSet' | 'CronJob',
  name: string,
  image: string,
): unknown {
  const labels = { app: name };
  const containers = [{ name: 'app', image }];
  const metadata = { name, annotations: { 'updatekate.dev/policy': 'semver' } };
  const selector = { matchLabels: labels };
  const template = { metadata: { labels }, spec: { containers } };
  switch (kind) {
    case 'StatefulSet':
      return {
        ...{ apiVersion: 'apps/v1', kind, metadata },
        spec: { replicas: 3, serviceName: name, selector, template },
      };
    case 'DaemonSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { selector, template } };
    case 'CronJob': {
      const pod = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
      const spec = { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: pod } } };
      return { apiVersion: 'batch/v1', kind, metadata, spec };
    }
  }
}
