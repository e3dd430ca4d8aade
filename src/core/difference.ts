import type { ChangeKind } from './change-kinds.ts';
import type { Notice, NoticeImage } from './notice.ts';
import type { Seen } from './seen.ts';
import type { Container, Workload, WorkloadTraits } from './workload.ts';

/** What somebody changed of a workload since it was seen. */
export interface Difference {
  readonly kind: Exclude<ChangeKind, 'workload.deleted' | 'workload.failed' | 'workload.recovered'>;
  /** As in `Notice`. */
  readonly images: readonly NoticeImage[];
  readonly scale?: NonNullable<Notice['scale']>;
  /** The field manager that did it, as far as that is known. */
  readonly by: string | undefined;
}

/**
 * Field managers of autoscalers. A program that names none goes by its own name
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers). A HorizontalPodAutoscaler is served by the
 * controller manager, which k3s and MicroK8s run as a part of their one program
 * (https://docs.k3s.io/architecture, https://canonical.com/microk8s/docs/configuring-services). KEDA leaves it to one
 * but for the way from none to one pod and back, which its operator, `/keda`, goes itself
 * (https://keda.sh/docs/latest/concepts/scaling-deployments/).
 */
const autoscalers: ReadonlySet<string | undefined> = new Set([
  'kube-controller-manager',
  'k3s',
  'kubelite',
  'keda',
]);

/**
 * What is different: the most important of it where it is several things. `ours`: nothing but images that `own` set, which
 * the updates tell of themselves; `none`: nothing that anybody is told of.
 *
 * @param own the field manager of our own updates; undefined = there are none here.
 */
export function differenceOf(
  seen: Seen | undefined,
  workload: Workload,
  own: string | undefined,
): Difference | 'ours' | 'none' {
  if (!seen || seen.type === 'DELETED' || isAnother(seen, workload)) return created(seen, workload);
  if (isSameGeneration(seen, workload)) return 'none';
  const { containers, traits } = workload;
  const images = imagesOf(seen, containers);
  const moved = images.filter(({ from, to }) => from !== '' && from !== to);
  const isOurs = (image: NoticeImage): boolean => own !== undefined && setterOf([image], traits) === own;
  const theirs = moved.filter((image) => !isOurs(image));
  if (theirs.length > 0) {
    const added = images.filter(({ from }) => from === '');
    const what = { images: [...theirs, ...added], by: setterOf(theirs, traits) };
    return { kind: 'workload.image-changed', ...what, ...scaledAlong(seen, workload) };
  }
  return byTraits(seen, workload) ?? (moved.length > 0 ? 'ours' : 'none');
}

/** Every container with the image that it had; none where it was not there. */
export function imagesOf(seen: Seen | undefined, containers: readonly Container[]): readonly NoticeImage[] {
  const before = new Map(seen?.containers.map(({ name, image }) => [name, image]));
  return containers.map(({ name, image }) => ({ container: name, from: before.get(name) ?? '', to: image }));
}

/** How many pods are wanted, if that is not what it was. */
export function scaledOf(
  seen: Seen,
  { containers, traits }: Workload,
): (Difference & Required<Pick<Difference, 'scale'>>) | undefined {
  const to = traits?.scale;
  if (to === undefined || seen.scale === undefined || to === seen.scale) return undefined;
  const by = traits?.setBy.scale;
  const kind = autoscalers.has(by) ? 'workload.autoscaled' : 'workload.scaled';
  return { kind, images: standing(seen, containers), scale: { from: seen.scale, to }, by };
}

/** Who changes something else may do so with more or fewer pods: that is told with it. */
function scaledAlong(seen: Seen, workload: Workload): Pick<Difference, 'scale'> {
  const scale = scaledOf(seen, workload)?.scale;
  return scale ? { scale } : {};
}

/** Every container with the image that it has: whoever brought it, it is not what this is about. */
function standing(seen: Seen, containers: readonly Container[]): readonly NoticeImage[] {
  return imagesOf(seen, containers).map((one) => (one.from === '' ? one : { ...one, from: one.to }));
}

/** Deleted and made again, which nobody saw. */
function isAnother(seen: Seen, { uid }: Workload): boolean {
  return seen.uid !== undefined && seen.uid !== uid;
}

/** The API server counts every change of what is wanted. Another version of ours may read the same in another way. */
function isSameGeneration(seen: Seen, { generation }: Workload): boolean {
  return generation > 0 && seen.generation === generation;
}

function created(seen: Seen | undefined, { containers, traits }: Workload): Difference {
  const images = imagesOf(seen, containers);
  const by = traits?.setBy.template ?? setterOf(images, traits);
  return { kind: 'workload.created', images, by };
}

function setterOf(images: readonly NoticeImage[], traits: WorkloadTraits | undefined): string | undefined {
  const [first] = images;
  const setters = new Map(Object.entries(traits?.setBy.images ?? {}));
  return first && setters.get(first.container);
}

/** What the predecessor wrote has no template: that it changed cannot be known. */
function byTraits(seen: Seen, workload: Workload): Difference | undefined {
  const { containers, traits } = workload;
  if (!traits) return undefined;
  const { template, restartedAt, setBy } = traits;
  const what = { images: standing(seen, containers), ...scaledAlong(seen, workload) };
  if (seen.template !== undefined && seen.template !== template)
    return { kind: 'workload.config-changed', ...what, by: setBy.template };
  if (seen.template !== undefined && seen.restartedAt !== restartedAt)
    return { kind: 'workload.restarted', ...what, by: setBy.restart };
  return scaledOf(seen, workload);
}
