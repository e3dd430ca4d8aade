type Fields = Readonly<Record<string, unknown>>;

/** What one field manager owns of an object, as an API server notes it. */
export interface ManagedEntry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: string;
  readonly fieldsV1: Fields;
  readonly subresource?: string;
}

/** Parts of an object that are always there: that they are is nobody's. */
const unowned = new Set(['metadata', 'spec', 'status', 'strategy', 'template', 'containers']);

/**
 * Whose a Deployment is after `kubectl apply`, `kubectl set image` and a rollout. The same that a real API server notes
 * of one like that, key for key.
 */
export function managedFields(
  {
    labels,
    annotations,
    spec,
    status,
  }: Readonly<Record<'labels' | 'annotations' | 'spec' | 'status', Fields>>,
  time: string,
): readonly ManagedEntry[] {
  const entry = { operation: 'Update', apiVersion: 'apps/v1', time, fieldsType: 'FieldsV1' };
  const revision = { 'f:annotations': { 'f:deployment.kubernetes.io/revision': {} } };
  const image = under(['spec', 'template', 'spec', 'containers'], { 'k:{"name":"app"}': { 'f:image': {} } });
  const applied = {
    'f:metadata': owned({ annotations, labels }, 'metadata'),
    'f:spec': owned(spec, 'spec'),
  };
  const counted = { 'f:metadata': revision, 'f:status': owned(status, 'status') };
  return [
    { ...entry, manager: 'kubectl-client-side-apply', fieldsV1: applied },
    { ...entry, manager: imageSetter, fieldsV1: image },
    { ...entry, manager: 'kube-controller-manager', fieldsV1: counted, subresource: 'status' },
  ];
}

/** Whom `kubectl set image` is. */
export const imageSetter = 'kubectl-set';

/** `f:` before every field and no values; what is in a list has the fields that tell it apart as its name. */
function owned(value: unknown, field = ''): Fields {
  // A selector is owned as a whole.
  if (typeof value !== 'object' || value === null || field === 'selector') return {};
  const members: (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((item: Fields) => [`k:${JSON.stringify(identity(item))}`, owned(item)])
    : Object.entries(value)
        // That it was applied, too, was over when it was set.
        .filter(([name]) => name !== 'image')
        .map(([name, inner]) => [`f:${name}`, owned(inner, name)]);
  if (members.length === 0) return {};
  return { ...(unowned.has(field) ? {} : { '.': {} }), ...Object.fromEntries(members) };
}

function identity({ name, type, containerPort, protocol }: Fields): Fields {
  if (containerPort !== undefined) return { containerPort, protocol };
  return type === undefined ? { name } : { type };
}

function under(path: readonly string[], inner: Fields): Fields {
  return path.reduceRight((fields, field) => ({ [`f:${field}`]: fields }), inner);
}
