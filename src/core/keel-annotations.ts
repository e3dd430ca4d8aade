import { printable, unreadable, type Fail, type Setting } from './annotation-values.ts';
import { readKeelPolicy, type KeelOptions } from './keel-policies.ts';
import { keelSources, oldPolicyKey, policyIn, settingAt, type KeelSource } from './keel-settings.ts';
import type { Policy } from './policy.ts';
import type { Container } from './workload.ts';
import { compilePattern } from './re2-pattern.ts';

type Texts = Readonly<Record<string, string>>;

/** What Keel's annotations and labels say of a workload. */
export interface KeelRules {
  /** The policy, if Keel would look at this container. */
  readonly policyFor: (container: Container) => Policy | undefined;
  /** Why nothing may be moved now, in words for a person. */
  readonly problems: readonly string[];
}

/** Whether an annotation or a label is Keel's. */
export function isKeelKey(key: string): boolean {
  return key.startsWith('keel.sh/') || key === oldPolicyKey;
}

/**
 * Reads what Keel reads, annotations before labels; `undefined` when there is no policy of Keel's. Total.
 * Approvals are read in keel-approvals.ts.
 * docs/migrate-from-keel.md has every name. https://keel.sh/docs/#policies
 */
export function readKeelAnnotations(annotations: Texts, labels: Texts = {}): KeelRules | undefined {
  const [noted, labelled] = keelSources({ annotations, labels });
  const ofNotes = policyIn(noted);
  const written = ofNotes ?? policyIn(labelled);
  if (!written) return undefined;
  const problems: string[] = [];
  const fail: Fail = (where, why) => void problems.push(printable(`${where}: ${why}`));
  const policy = readKeelPolicy(written.value, readOptions(ofNotes ? noted : labelled, fail));
  if (typeof policy === 'string') fail(written.key, policy);
  const chosen = typeof policy === 'string' ? unreadable(`keel: ${written.value}`) : policy;
  const monitors = readMonitors([noted, labelled], fail);
  return { policyFor: (container) => (monitors(container) ? chosen : undefined), problems };
}

/** They count only where the policy stands. */
function readOptions(source: KeelSource, fail: Fail): KeelOptions {
  const matchTag = settingAt(source, 'keel.sh/matchTag') ?? settingAt(source, 'keel.sh/match-tag');
  const matchPreRelease = settingAt(source, 'keel.sh/matchPreRelease');
  return {
    matchTag: readFlag(matchTag, false, fail),
    matchPreRelease: readFlag(matchPreRelease, true, fail),
  };
}

function readFlag(setting: Setting | undefined, otherwise: boolean, fail: Fail): boolean {
  if (!setting) return otherwise;
  const { key, value } = setting;
  if (value !== 'true' && value !== 'false') fail(key, `"${value}" is neither true nor false`);
  return value === 'true';
}

function readMonitors(sources: readonly KeelSource[], fail: Fail): (container: Container) => boolean {
  const withInit = inAnyCase(sources, 'keel.sh/initContainers')?.value === 'true';
  const isMeant = readNames(inAnyCase(sources, 'keel.sh/monitorContainers'), fail);
  return ({ name, init }) => (!init || withInit) && isMeant(name);
}

function readNames(setting: Setting | undefined, fail: Fail): (name: string) => boolean {
  if (!setting) return () => true;
  const pattern = compilePattern(setting.value);
  if (typeof pattern !== 'string') return (name) => pattern.test(name);
  fail(setting.key, pattern);
  return () => true;
}

/** Two names Keel reads in any case, and from either place. */
function inAnyCase(sources: readonly KeelSource[], name: string): Setting | undefined {
  const wanted = name.toLowerCase();
  for (const source of sources) {
    const key = Object.keys(source.values).find((one) => one.toLowerCase() === wanted);
    if (key !== undefined) return settingAt(source, key);
  }
  return undefined;
}
