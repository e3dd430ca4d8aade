import { isObject, type JsonObject } from './json.ts';

/** The `template` of a spec with its defaults; nothing when there is none. */
export function templateOf({ template }: JsonObject): JsonObject {
  if (!isObject(template) || !isObject(template.spec)) return {};
  return { template: { ...template, spec: podSpec(template.spec) } };
}

/** A pod's spec with its defaults. */
export function podSpec(spec: JsonObject): JsonObject {
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
