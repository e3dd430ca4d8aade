import { z } from 'zod';
import { podSpecPath } from '../core/kinds.ts';
import type { WorkloadKind } from '../core/workload.ts';
import { under } from './fields.ts';

/**
 * What one field manager owns of an object.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export const ManagedEntry = z.object({
  manager: z.string().default(''),
  operation: z.string().default(''),
  subresource: z.string().default(''),
  /** Absent in those of the scale subresource. */
  time: z.string().optional(),
  fieldsV1: z.unknown().optional(),
});
export type ManagedEntry = z.infer<typeof ManagedEntry>;

/** The lists of a pod spec whose containers have images that can be changed. */
export const containerLists = ['f:containers', 'f:initContainers'] as const;

/**
 * Field managers under which Argo CD and Flux apply from Git; an image they own would be put back at their next
 * sync. Helm itself is none of them: a release is not re-applied by a controller.
 */
const gitOpsManagers =
  /^(?:argocd-controller|argocd-application-controller|kustomize-controller|helm-controller|flux)$/;

/** Container name → manager, for every image field that a GitOps controller owns. */
export function gitOpsOwners(
  kind: WorkloadKind,
  entries: readonly ManagedEntry[],
): Readonly<Record<string, string>> {
  const owners: Record<string, string> = {};
  for (const entry of entries.filter(({ manager }) => gitOpsManagers.test(manager)))
    for (const name of ownedImages(kind, entry)) owners[name] = entry.manager;
  return owners;
}

/** The containers whose images an entry owns. */
export function ownedImages(kind: WorkloadKind, { fieldsV1 }: ManagedEntry): readonly string[] {
  const podSpec = ownedAt(fieldsV1, podSpecPath(kind));
  return containerLists.flatMap((list) =>
    Object.entries(under(podSpec, [list])).flatMap(([key, fields]) => {
      const name = /^k:\{"name":"([^"]+)"\}$/.exec(key)?.[1];
      return name !== undefined && Object.hasOwn(under(fields, []), 'f:image') ? [name] : [];
    }),
  );
}

/** What of the fields below a path is owned; `{}` when that is nothing. */
export function ownedAt(fieldsV1: unknown, path: readonly string[]): Readonly<Record<string, unknown>> {
  return under(
    fieldsV1,
    path.map((field) => `f:${field}`),
  );
}
