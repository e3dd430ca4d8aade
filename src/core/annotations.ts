import { printable, readRules, type Fail, type Setting, type TargetRules } from './annotation-values.ts';
import type { Container } from './workload.ts';

/** Prefix of every annotation of ours. */
export const annotationPrefix = 'updatekate.dev/';

/** What a workload's annotations say of its targets. */
export interface AnnotatedRules extends TargetRules {
  /** Names of the containers that the workload's policy is for; undefined = all. */
  readonly containers: readonly string[] | undefined;
  /** The rules of single containers, by name. They go before the workload's. */
  readonly own: ReadonlyMap<string, TargetRules>;
  /** Whether there is any policy of ours, of the workload or of a container. */
  readonly hasPolicy: boolean;
  /** Why nothing may be moved now, in words for a person: a hold, or annotations that cannot be obeyed. */
  readonly problems: readonly string[];
}

const nothing: AnnotatedRules = {
  ...{ policy: undefined, preReleases: undefined, tags: undefined, containers: undefined },
  ...{ own: new Map(), hasPolicy: false, problems: [] },
};

/** Annotations that a container's name can follow: `policy.web`. */
const perContainer = ['policy', 'tags', 'prereleases'];
/** Promises this version cannot keep: a workload that asks for one is left alone rather than half obeyed. */
const notYet = ['window', 'min-age', 'verify', 'pin'];
/** Every annotation that people write. Others are not looked at, unless they look like one of these. */
const known = [
  ...[...perContainer, ...notYet, 'containers', 'hold'],
  ...['approvals', 'approvers', 'approval-deadline', 'rollback', 'notify'],
];
const knownByPlainName = new Map(known.map((name) => [plain(name), name]));

/** Reads our annotations on a workload with these containers. Total: what cannot be obeyed is a problem in words. */
export function readAnnotations(
  annotations: Readonly<Record<string, string>>,
  containers: readonly Pick<Container, 'name'>[],
): AnnotatedRules {
  // Nearly every workload of a cluster ends here, at every event of its watch.
  if (!Object.keys(annotations).some(isOurs)) return nothing;
  const problems: string[] = [];
  const fail: Fail = (key, why) => void problems.push(printable(`annotation ${key}: ${why}`));
  const names = containers.map(({ name }) => name);
  const { whole, single } = sort(annotations, (key, { name, container }) => {
    const why = misuse(name, container, names);
    if (why !== undefined) fail(key, why);
  });
  const hold = whole.get('hold');
  if (hold && hold.value !== 'false') problems.push(`annotation ${hold.key} is set`);
  const rules = readRules(whole, fail);
  const own = new Map([...single].map(([name, settings]) => [name, readRules(settings, fail)]));
  const hasPolicy = [rules, ...own.values()].some(({ policy }) => policy !== undefined);
  return {
    ...rules,
    containers: readContainers(whole.get('containers'), names, fail),
    own,
    hasPolicy,
    problems,
  };
}

interface Parts {
  readonly name: string;
  readonly container: string | undefined;
}

interface Sorted {
  /** Settings of the workload, by name. */
  readonly whole: ReadonlyMap<string, Setting>;
  /** Settings of single containers: by container, then by name. */
  readonly single: ReadonlyMap<string, ReadonlyMap<string, Setting>>;
}

function sort(
  annotations: Readonly<Record<string, string>>,
  check: (key: string, parts: Parts) => void,
): Sorted {
  const whole = new Map<string, Setting>();
  const single = new Map<string, Map<string, Setting>>();
  for (const [key, value] of Object.entries(annotations)) {
    if (!isOurs(key)) continue;
    const parts = partsOf(key);
    check(key, parts);
    const { name, container } = parts;
    const settings = container === undefined ? whole : (single.get(container) ?? new Map<string, Setting>());
    settings.set(name, { key, value: value.trim() });
    if (container !== undefined) single.set(container, settings);
  }
  return { whole, single };
}

function isOurs(key: string): boolean {
  return key.startsWith(annotationPrefix);
}

/** `updatekate.dev/policy.web` is `policy` of `web`: no name of ours has a dot, and no container's. */
function partsOf(key: string): Parts {
  const text = key.slice(annotationPrefix.length);
  const dot = text.indexOf('.');
  return dot < 0
    ? { name: text, container: undefined }
    : { name: text.slice(0, dot), container: text.slice(dot + 1) };
}

/** Why an annotation cannot be obeyed, whatever its value is. */
function misuse(name: string, container: string | undefined, names: readonly string[]): string | undefined {
  if (notYet.includes(name)) return 'not supported by this version';
  if (!known.includes(name)) return slip(name);
  if (container === undefined) return undefined;
  if (!perContainer.includes(name)) return `only ${perContainer.join(', ')} can be of one container`;
  return names.includes(container) ? undefined : noContainer(container, names);
}

/** An unknown annotation may be a newer version's and is left alone; a slip of the pen is told. */
function slip(name: string): string | undefined {
  const meant = knownByPlainName.get(plain(name));
  return meant && `unknown annotation; ${annotationPrefix}${meant} is known`;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]|s$/g, '');
}

function readContainers(
  setting: Setting | undefined,
  names: readonly string[],
  fail: Fail,
): readonly string[] | undefined {
  if (!setting) return undefined;
  const given = setting.value.split(',').map((name) => name.trim());
  const missing = given.find((name) => !names.includes(name));
  if (missing !== undefined) fail(setting.key, noContainer(missing, names));
  return given;
}

function noContainer(name: string, names: readonly string[]): string {
  return `there is no container "${name}", only ${names.join(', ')}`;
}
