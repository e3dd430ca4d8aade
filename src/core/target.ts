import type { RE2JS } from 're2js';
import {
  annotationsOnly,
  approvalAsked,
  type ApprovalSettings,
  type ApprovalSources,
} from './approval-rules.ts';
import { joinProblems } from './annotation-values.ts';
import { annotationPrefix, readAnnotations, type AnnotatedRules } from './annotations.ts';
import { canonicalRepository, parseImageRef, pathOf, type ImageRef } from './image-ref.ts';
import { readKeelAnnotations, type KeelRules } from './keel-annotations.ts';
import type { Policy, PreReleases } from './policy.ts';
import { sameWorkload, workloadId, type Container, type Workload, type WorkloadKey } from './workload.ts';

/** One container with its policy: what a push may move. */
export interface Target {
  readonly workload: WorkloadKey;
  /** Identity of the workload object: a deleted and re-created one is another target. */
  readonly uid: string;
  readonly container: string;
  readonly init: boolean;
  /** The image it runs, as written. */
  readonly image: string;
  readonly ref: ImageRef;
  readonly policy: Policy;
  readonly preReleases: PreReleases;
  /** Tags that do not match are `filtered`. */
  readonly tags: RE2JS | undefined;
  /** Why the target must not be moved now, in words for a person. */
  readonly held: string | undefined;
}

/** What the environment says of the one classic target. */
export interface ClassicTarget {
  readonly workload: WorkloadKey;
  /** The container's name; undefined = every container whose repository matches. */
  readonly container: string | undefined;
  /** `host/ns/name`, or `ns/name` for any host; undefined = whatever repository the container has. */
  readonly repository: string | undefined;
  readonly policy: Policy;
}

const none: readonly Target[] = [];
/** For a container that nothing chose, of a workload whose annotations do not say what was meant. */
const unchosen: Policy = { text: 'none', rank: () => 'no-policy' };

/**
 * The targets of a workload. Our annotations go before the classic target of the environment, and that before
 * what Keel's annotations say.
 */
export function targetsOf(
  workload: Workload,
  classic: ClassicTarget | undefined,
  approvals: ApprovalSettings = annotationsOnly,
): readonly Target[] {
  const said = saidOf(workload, classic, { ...approvals, classic: classic?.workload });
  if (!said) return none;
  const targets = targetsBy(workload, said, (container, ref) => policyOf(container, ref, said));
  // A name that is wrong may leave no container to hold, and then nobody would be told.
  const isMute = targets.length === 0 && said.held !== undefined && !said.ours;
  return isMute ? targetsBy(workload, said, () => unchosen) : targets;
}

/** All that says something of one workload. */
interface Said {
  readonly rules: AnnotatedRules;
  readonly ours: ClassicTarget | undefined;
  readonly keel: KeelRules | undefined;
  readonly held: string | undefined;
}

/** `undefined` when nothing gives the workload a policy, which is true of nearly all. */
function saidOf(
  workload: Workload,
  classic: ClassicTarget | undefined,
  approvals: ApprovalSources,
): Said | undefined {
  const { key, annotations, labels, containers } = workload;
  const ours =
    classic?.workload.name === key.name && sameWorkload(classic.workload, key) ? classic : undefined;
  const rules = readAnnotations(annotations, containers);
  const keel = ours || rules.hasPolicy ? undefined : readKeelAnnotations(annotations, labels);
  if (!ours && !rules.hasPolicy && !keel) return undefined;
  const asked = approvalAsked(workload, approvals);
  const unclear = asked.kind === 'problem' ? [asked.message] : [];
  return { rules, ours, keel, held: heldBy([...rules.problems, ...unclear], rules, keel) };
}

function targetsBy(
  { key, uid, containers }: Workload,
  { rules, keel, held }: Said,
  choose: (container: Container, ref: ImageRef) => Policy | undefined,
): readonly Target[] {
  return containers.flatMap((container) => {
    const written = parseImageRef(container.image);
    const policy = written && choose(container, written);
    if (!policy) return [];
    const ref = keel ? withKeelsTag(written) : written;
    const { name, init, image } = container;
    const own = rules.own.get(name);
    const preReleases = own?.preReleases ?? rules.preReleases ?? 'same';
    const tags = own?.tags ?? rules.tags;
    return [{ workload: key, uid, container: name, init, image, ref, policy, preReleases, tags, held }];
  });
}

/** The policy for a container, or `undefined` when it is no target. Its own goes before every other. */
function policyOf(container: Container, ref: ImageRef, { rules, ours, keel }: Said): Policy | undefined {
  const own = rules.own.get(container.name)?.policy;
  if (own) return own;
  if (ours) return isChosen(ours, container, ref) ? (rules.policy ?? ours.policy) : undefined;
  if (rules.containers && !rules.containers.includes(container.name)) return undefined;
  return keel ? keel.policyFor(container) : rules.policy;
}

function heldBy(
  problems: readonly string[],
  rules: AnnotatedRules,
  keel: KeelRules | undefined,
): string | undefined {
  const saysPreReleases = [rules, ...rules.own.values()].some(({ preReleases }) => preReleases !== undefined);
  const mixed =
    keel && saysPreReleases
      ? [`annotation ${annotationPrefix}prereleases: a policy of Keel's has keel.sh/matchPreRelease instead`]
      : [];
  return joinProblems([...problems, ...mixed, ...(keel?.problems ?? [])]);
}

/** An image without a tag runs as `latest`, and Keel's policies know what to do with that. */
function withKeelsTag(ref: ImageRef): ImageRef {
  return ref.tag === undefined && ref.digest === undefined ? { ...ref, tag: 'latest' } : ref;
}

/** `cluster/namespace/kind/name/container`: how a target is called in answers and logs. */
export function targetId({ workload, container }: Pick<Target, 'workload' | 'container'>): string {
  return `${workloadId(workload)}/${container}`;
}

/** Why a push of the classic target's repository finds no container; `undefined` when it is for someone else. */
export function missedPush(
  repository: string,
  workload: Workload | undefined,
  classic: ClassicTarget,
): string | undefined {
  const isMeant = classic.repository !== undefined && matchesRepository(classic.repository, repository);
  return isMeant ? classicProblem(workload, classic) : undefined;
}

/** Why the classic target cannot be updated as things are, in words for a person; `undefined` = it can. */
export function classicProblem(workload: Workload | undefined, classic: ClassicTarget): string | undefined {
  const { container, repository } = classic;
  const id = workloadId(classic.workload);
  if (!workload) return `UK_DEPLOYMENT: ${id} is not there`;
  const images = workload.containers.map(({ name, image }) => `${name} (${image})`).join(', ');
  if (container !== undefined && !workload.containers.some(({ name }) => name === container)) {
    return `UK_CONTAINER: ${id} has no container "${container}", it has ${images}`;
  }
  if (workload.containers.some((one) => isClassic(classic, one))) return undefined;
  return `UK_REPO: no container of ${id} runs ${repository ?? 'an image that can be read'}, it has ${images}`;
}

function isClassic(classic: ClassicTarget, container: Container): boolean {
  const ref = parseImageRef(container.image);
  return ref !== undefined && isChosen(classic, container, ref);
}

function isChosen({ container, repository }: ClassicTarget, { name }: Container, ref: ImageRef): boolean {
  const isNamed = container === undefined || name === container;
  return isNamed && (repository === undefined || matchesRepository(repository, ref.repository));
}

/** Matches canonically (`nginx` is Docker Hub's); `path` alone (Quay's host-less field) also on any host. */
function matchesRepository(wanted: string, repository: string): boolean {
  const hasHost = /^(?:[^/]*[.:]|localhost\/)/.test(wanted);
  return canonicalRepository(wanted) === repository || (!hasHost && wanted === pathOf(repository));
}
