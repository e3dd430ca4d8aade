import type { RE2JS } from 're2js';
import { readAnnotations, type AnnotatedRules } from './annotations.ts';
import { canonicalRepository, parseImageRef, pathOf, type ImageRef } from './image-ref.ts';
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

type Chosen = (container: Container, ref: ImageRef) => boolean;

/** The targets of a workload: the classic one of the environment, or what its annotations say. */
export function targetsOf(workload: Workload, classic: ClassicTarget | undefined): readonly Target[] {
  const ours = classic && sameWorkload(classic.workload, workload.key) ? classic : undefined;
  const rules = readAnnotations(workload.annotations);
  const policy = rules.policy ?? ours?.policy;
  if (!policy) return [];
  const chosen = ours ? chosenBy(ours) : namedIn(rules);
  const { preReleases, tags, held } = rules;
  return workload.containers.flatMap((container) => {
    const ref = parseImageRef(container.image);
    if (!ref || !chosen(container, ref)) return [];
    const { name, init, image } = container;
    const { key, uid } = workload;
    return [{ workload: key, uid, container: name, init, image, ref, policy, preReleases, tags, held }];
  });
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
  if (targetsOf(workload, classic).length > 0) return undefined;
  return `UK_REPO: no container of ${id} runs ${repository ?? 'an image that can be read'}, it has ${images}`;
}

function chosenBy({ container, repository }: ClassicTarget): Chosen {
  return ({ name }, ref) =>
    (container === undefined || name === container) &&
    (repository === undefined || matchesRepository(repository, ref.repository));
}

function namedIn({ containers }: AnnotatedRules): Chosen {
  return ({ name }) => containers === undefined || containers.includes(name);
}

/** Matches canonically (`nginx` is Docker Hub's); `path` alone (Quay's host-less field) also on any host. */
function matchesRepository(wanted: string, repository: string): boolean {
  const hasHost = /^(?:[^/]*[.:]|localhost\/)/.test(wanted);
  return canonicalRepository(wanted) === repository || (!hasHost && wanted === pathOf(repository));
}
