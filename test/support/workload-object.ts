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
