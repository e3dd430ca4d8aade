import type { Cause } from './api-error.ts';
import type { CronJob, DaemonSet, Deployment, KubeObject, PodTemplate, StatefulSet } from './objects.ts';

type Rules = (object: KubeObject) => readonly Cause[];

/** What holds between the fields of an object, once each has its shape. */
export function rulesOf(object: KubeObject): readonly Cause[] {
  return rules[object.kind]?.(object) ?? [];
}

const rules: Readonly<Record<string, Rules>> = {
  Deployment: workload,
  ReplicaSet: workload,
  StatefulSet: statefulSet,
  DaemonSet: (object) => [...workload(object), ...surgeCauses(object as unknown as DaemonSet)],
  CronJob: (object) => [...nameCauses(object, 52), ...cronJob(object as unknown as CronJob)],
};

function statefulSet(object: KubeObject): readonly Cause[] {
  const { type, rollingUpdate } = (object as unknown as StatefulSet).spec.updateStrategy ?? {};
  const field = 'spec.updateStrategy.rollingUpdate';
  const given = JSON.stringify(rollingUpdate);
  const unwanted = type === 'OnDelete' && rollingUpdate;
  return [
    ...nameCauses(object, 63),
    ...(object.metadata.name.includes('.')
      ? [invalidValue('metadata.name', 'a dot is not allowed here')]
      : []),
    ...workload(object),
    ...(unwanted ? [invalidValue(field, `${given}: only allowed for updateStrategy 'RollingUpdate'`)] : []),
  ];
}

function workload(object: KubeObject): readonly Cause[] {
  const { selector, template } = (object as unknown as Deployment).spec;
  const labels = template.metadata?.labels ?? {};
  const selected = Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
  const field = 'spec.template.metadata.labels';
  const mismatch = `${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;
  const empty = `${JSON.stringify(selector)}: empty selector is invalid for ${object.kind.toLowerCase()}`;
  return [
    ...(selectsAnything(selector) ? [invalidValue('spec.selector', empty)] : []),
    ...(selected ? [] : [invalidValue(field, mismatch)]),
    ...templateCauses(template, 'spec.template', ['Always']),
  ];
}

function selectsAnything({ matchLabels, ...others }: Deployment['spec']['selector']): boolean {
  return Object.keys({ ...matchLabels, ...others }).length === 0;
}

/** Pods of a job end, so they may not be restarted for ever. */
function cronJob({ spec }: CronJob): readonly Cause[] {
  const { template } = spec.jobTemplate.spec;
  const path = 'spec.jobTemplate.spec.template';
  return [...scheduleCauses(spec.schedule), ...templateCauses(template, path, ['OnFailure', 'Never'])];
}

/** Five fields or a word like `@daily`; whether they name a time that ever comes is not looked at. */
function scheduleCauses(schedule: string): readonly Cause[] {
  const field = 'spec.schedule';
  if (schedule === '') return [{ reason: 'FieldValueRequired', message: 'Required value', field }];
  const quoted = JSON.stringify(schedule);
  if (schedule.includes('TZ')) {
    return [
      invalidValue(field, `${quoted}: cannot use TZ or CRON_TZ in schedule, use timeZone field instead`),
    ];
  }
  const parts = schedule.trim().split(/\s+/);
  if (schedule.startsWith('@') || parts.length === 5) return [];
  const found = `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  return [invalidValue(field, `${quoted}: ${found}`)];
}

function templateCauses(template: PodTemplate, path: string, policies: readonly string[]): readonly Cause[] {
  const names = template.spec.containers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const { restartPolicy = 'Always' } = template.spec;
  const causes: Cause[] = [];
  if (twice !== undefined) {
    const message = `Duplicate value: ${JSON.stringify(twice)}`;
    const field = `${path}.spec.containers[${names.lastIndexOf(twice)}].name`;
    causes.push({ reason: 'FieldValueDuplicate', message, field });
  }
  if (!policies.includes(restartPolicy)) {
    const allowed = policies.map((policy) => JSON.stringify(policy)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(restartPolicy)}: supported values: ${allowed}`;
    causes.push({ reason: 'FieldValueNotSupported', message, field: `${path}.spec.restartPolicy` });
  }
  return causes;
}

/** A rolling update either adds a pod first or takes one away first. */
function surgeCauses({ spec }: DaemonSet): readonly Cause[] {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  const { maxSurge, maxUnavailable } = { maxSurge: 0, maxUnavailable: 1, ...rollingUpdate };
  const [surges, misses] = [maxSurge, maxUnavailable].map(
    (amount) => Number.parseInt(String(amount), 10) > 0,
  );
  const field = 'spec.updateStrategy.rollingUpdate';
  if (surges && misses) {
    const why = `${JSON.stringify(maxSurge)}: may not be set when maxUnavailable is non-zero`;
    return [invalidValue(`${field}.maxSurge`, why)];
  }
  if (surges || misses) return [];
  const message = 'Required value: cannot be 0 when maxSurge is 0';
  return [{ reason: 'FieldValueRequired', message, field: `${field}.maxUnavailable` }];
}

/** Names that become part of the names of pods are shorter than others. */
function nameCauses(object: KubeObject, longest: number): readonly Cause[] {
  const { name } = object.metadata;
  if (name.length <= longest) return [];
  return [
    invalidValue('metadata.name', `${JSON.stringify(name)}: must be no more than ${longest} characters`),
  ];
}

function invalidValue(field: string, what: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${what}`, field };
}
