import { z } from 'zod';
import { bookName, type SeenBook } from './seen-book.ts';
import type { Seen, SeenFailure } from './seen.ts';
import { workloadKinds, type Container, type WorkloadKind } from './workload.ts';

/**
 * The predecessor's file, one for each namespace: `events` by the name of a Deployment, and of its object the spec, in the
 * Python client's words (snake_case, null for what is not set). Of the spec only what people are told is written: nothing
 * of the environment of containers. What the predecessor did not know stands beside it, under `seen` and `kinds`.
 */
const Containers = z
  .array(z.object({ name: z.string(), image: z.string().nullish() }))
  .nullish()
  .transform((list) => list ?? []);
const Labels = z
  .record(z.string(), z.string().nullable())
  .nullish()
  .transform((labels) => labels ?? {});
const Template = z.object({
  metadata: z.object({ labels: Labels }).nullish(),
  spec: z.object({ containers: Containers, init_containers: Containers }),
});
const flag = z.literal(true).optional();
const Failed = z.object({
  ...{ of: z.string(), thread: z.string(), reason: z.string().optional(), silent: flag, loops: flag },
});
const Entry = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
  object: z.object({ spec: z.object({ replicas: z.number().nullish(), template: Template }) }),
  seen: z
    .object({
      uid: z.string().optional(),
      generation: z.number().optional(),
      template: z.string().optional(),
      restarted_at: z.string().optional(),
      failed: Failed.optional(),
    })
    .optional(),
});
const File = z.object({
  events: z.record(z.string(), z.unknown()),
  kinds: z.array(z.enum(workloadKinds)).catch([]).default([]),
});

/** The name of the file; the predecessor knew one cluster, and calls that by nothing. */
export function seenFileName(ownNamespace: string, namespace: string, cluster?: string): string {
  return `deployment-events-v2-${ownNamespace}-${placeInName(namespace, cluster)}.json`;
}

/** A namespace in the name of a file; no name of one has a dot. */
export function placeInName(namespace: string, cluster: string | undefined): string {
  return cluster === undefined ? namespace : `${cluster}.${namespace}`;
}

/**
 * Reads such a file; what cannot be read of it is as if it were not there.
 *
 * @param teamLabel the label that says whose a workload is.
 * @returns words for a person when nothing of it can be read.
 */
export function readSeenFile(text: string, teamLabel: string): SeenBook | string {
  try {
    return seenIn(JSON.parse(text), teamLabel) ?? 'it has no events';
  } catch {
    return 'it is no JSON';
  }
}

/** What such a file has in it; `undefined` when that is something else. */
export function seenIn(given: unknown, teamLabel: string): SeenBook | undefined {
  const file = File.safeParse(given);
  if (!file.success) return undefined;
  const seen = new Map<string, Seen>();
  const unknown: string[] = [];
  for (const [key, entry] of Object.entries(file.data.events)) {
    const { success, data } = Entry.safeParse(entry);
    if (success) seen.set(nameOf(key), entryIn(data, teamLabel));
    else unknown.push(nameOf(key));
  }
  // A workload whose entry is lost must not be taken for a new one.
  const isWhole = (kind: WorkloadKind): boolean =>
    unknown.every((name) => !name.startsWith(bookName({ kind, name: '' })));
  return { seen, kinds: file.data.kinds.filter(isWhole) };
}

/** What is in the file of this book. */
export function seenFile({ seen, kinds }: SeenBook, teamLabel: string): unknown {
  const events = [...seen].map(([name, one]) => [keyOf(name), entryOf(one, teamLabel)]);
  return { events: Object.fromEntries(events) as unknown, kinds };
}

const deployment = bookName({ kind: 'Deployment', name: '' });

/** Deployments stand there by their name alone; no name has a slash in it. */
function nameOf(key: string): string {
  return key.includes('/') ? key : `${deployment}${key}`;
}

function keyOf(name: string): string {
  return name.startsWith(deployment) ? name.slice(deployment.length) : name;
}

function entryIn({ type, object, seen }: z.output<typeof Entry>, teamLabel: string): Seen {
  const { replicas, template } = object.spec;
  const containers = (list: z.output<typeof Containers>, init: boolean): Container[] =>
    list.map(({ name, image }) => ({ name, image: image ?? '', init }));
  const { spec } = template;
  const team = template.metadata?.labels[teamLabel];
  return {
    type,
    containers: [...containers(spec.containers, false), ...containers(spec.init_containers, true)],
    ...(typeof team === 'string' ? { team } : {}),
    ...(typeof replicas === 'number' ? { scale: replicas } : {}),
    ...(seen ? ownPart(seen) : {}),
  };
}

function ownPart(seen: NonNullable<z.output<typeof Entry>['seen']>): Partial<Seen> {
  const { uid, generation, template, restarted_at: restartedAt, failed } = seen;
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(generation === undefined ? {} : { generation }),
    ...(template === undefined ? {} : { template }),
    ...(restartedAt === undefined ? {} : { restartedAt }),
    ...(failed ? { failed: failureOf(failed) } : {}),
  };
}

function entryOf(one: Seen, teamLabel: string): unknown {
  const { type, containers, team, scale, uid, generation, template, restartedAt, failed } = one;
  const those = (init: boolean): unknown[] =>
    containers.filter((each) => each.init === init).map(({ name, image }) => ({ name, image }));
  const initContainers = those(true);
  const spec = {
    replicas: scale ?? null,
    template: {
      metadata: { labels: team === undefined ? null : { [teamLabel]: team } },
      spec: {
        containers: those(false),
        init_containers: initContainers.length > 0 ? initContainers : null,
      },
    },
  };
  const own = { uid, generation, template, restarted_at: restartedAt, failed };
  return { type, object: { spec, metadata: null, status: null }, seen: own };
}

function failureOf({ of, thread, reason, silent, loops }: z.output<typeof Failed>): SeenFailure {
  return {
    ...{ of, thread },
    ...(reason === undefined ? {} : { reason }),
    ...(silent ? { silent } : {}),
    ...(loops ? { loops } : {}),
  };
}
