import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { kubernetesCall, type KubernetesAccess } from '../support/kubernetes-call.ts';

/** An update as the store has it. */
export interface UpdateRecord {
  readonly name: string;
  readonly deployment: string;
  readonly tag: string;
  readonly phase: string;
  readonly reason: string | undefined;
  /** Absent where nobody was asked. */
  readonly approval?: Gate | undefined;
}

/** The gate of an update. */
export interface Gate {
  readonly votes: number;
  readonly deadlineAt: string;
  readonly given: readonly {
    readonly by: { readonly id: string };
    readonly vote: string;
    readonly at: string;
  }[];
}

/** Every record that there is now; rejects while the store cannot be read. */
export type ReadRecords = () => Promise<readonly UpdateRecord[]>;

const group = '/apis/updatekate.dev';
const Group = z.object({ preferredVersion: z.object({ version: z.string() }) });
const Workload = z.object({ name: z.string() });
const Gate = z.object({
  ...{ votes: z.number(), deadlineAt: z.string() },
  given: z.array(z.object({ by: z.object({ id: z.string() }), vote: z.string(), at: z.string() })),
});
const ImageUpdate = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ workload: Workload, tag: z.string() }),
  status: z
    .object({
      ...{ phase: z.string().default('Pending'), reason: z.string().nullish() },
      approval: Gate.optional(),
    })
    .prefault({}),
});
const ImageUpdates = z.object({ items: z.array(ImageUpdate) });

/** The custom resources of a namespace, read from the API server directly. */
export function recordsOfCluster(access: KubernetesAccess, namespace: string): ReadRecords {
  return async () => {
    const { preferredVersion } = Group.parse(await kubernetesCall(access, 'GET', group));
    const path = `${group}/${preferredVersion.version}/namespaces/${namespace}/imageupdates`;
    const { items } = ImageUpdates.parse(await kubernetesCall(access, 'GET', path));
    return items.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      deployment: spec.workload.name,
      ...{ tag: spec.tag, phase: status.phase, reason: status.reason ?? undefined },
      approval: status.approval,
    }));
  };
}

const Row = z.object({
  ...{ name: z.string(), workload: Workload, tag: z.string() },
  ...{ phase: z.string(), reason: z.string().nullish(), approval: Gate.optional() },
});

/** The files of replicas that keep their updates on their disks. */
export function recordsOfDisks(folders: readonly string[]): ReadRecords {
  return () => Promise.resolve(folders.flatMap(recordsOfDisk));
}

function recordsOfDisk(folder: string): readonly UpdateRecord[] {
  const file = join(folder, 'updatekate.db');
  if (!existsSync(file)) return [];
  const db = new DatabaseSync(file, { readOnly: true, timeout: 2000 });
  try {
    const rows = db.prepare('SELECT body FROM updates').all();
    return rows.map(({ body }) => {
      const { workload, ...rest } = Row.parse(JSON.parse(String(body)));
      return { ...rest, deployment: workload.name, reason: rest.reason ?? undefined };
    });
  } finally {
    db.close();
  }
}

const ends = ['Succeeded', 'Rejected', 'Expired', 'Superseded', 'Failed', 'RolledBack'];

export function isEnded({ phase }: UpdateRecord): boolean {
  return ends.includes(phase);
}
