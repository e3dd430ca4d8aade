import type { Setting } from './annotation-values.ts';
import type { Workload } from './workload.ts';

/** Where Keel's settings stand. */
export interface KeelSource {
  readonly kind: 'annotation' | 'label';
  readonly values: Readonly<Record<string, string>>;
}

/** What Keel's policy was called before. */
export const oldPolicyKey = 'keel.observer/policy';

/** Both places of a workload where Keel looks, annotations first. */
export function keelSources({
  annotations,
  labels = {},
}: Pick<Workload, 'annotations' | 'labels'>): readonly [KeelSource, KeelSource] {
  return [
    { kind: 'annotation', values: annotations },
    { kind: 'label', values: labels },
  ];
}

/** The value behind `key`, and where it stands, for messages. */
export function settingAt({ kind, values }: KeelSource, key: string): Setting | undefined {
  const value = values[key];
  return value === undefined ? undefined : { key: `${kind} ${key}`, value: value.trim() };
}

/** Keel's policy by its name, or else by the old one. */
export function policyIn(source: KeelSource): Setting | undefined {
  return settingAt(source, 'keel.sh/policy') ?? settingAt(source, oldPolicyKey);
}
