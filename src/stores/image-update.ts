import { z } from 'zod';
import { transitions, type Phase } from '../core/phases.ts';
import type { Update } from '../core/update.ts';
import { workloadKinds } from '../core/workload.ts';

/** What `k8s/crd.yaml` defines. */
export const [group, version, plural, kind] = ['updatekate.dev', 'v1alpha1', 'imageupdates', 'ImageUpdate'];

/** An object of the API, as far as the store needs it. */
export interface ImageUpdate {
  readonly name: string;
  readonly uid: string;
  /** Its resource version: the store's revision. */
  readonly version: string;
  /** What it says; a text is why that cannot be read. */
  readonly update: Update | string;
}

/** One that can be read. */
export type ReadableImageUpdate = ImageUpdate & { readonly update: Update };

/** An unsigned 64-bit number for certain; the server answers longer ones with 500. */
const versionForm = /^[1-9]\d{0,18}$/;
const [longestMessage, longestReason, longestHistory] = [2048, 256, 100];
const firstPhase: Phase = 'Pending';

const AnyPhase = z.enum(Object.keys(transitions) as Phase[]);
const Time = z.iso.datetime({ offset: true });
const Moves = z.array(
  z.object({ container: z.string(), init: z.boolean(), from: z.string(), to: z.string() }),
);
const Spec = z.object({
  workload: z.object({
    cluster: z.string(),
    namespace: z.string(),
    kind: z.enum(workloadKinds),
    name: z.string(),
  }),
  uid: z.string(),
  repository: z.string(),
  tag: z.string(),
  digest: z.string().optional(),
  pushedBy: z.string().exactOptional(),
  moves: Moves,
  policy: z.string(),
  createdAt: Time,
});
const Person = z.object({
  id: z.string(),
  name: z.string(),
  fullName: z.string().exactOptional(),
  email: z.string().exactOptional(),
});
const Approval = z.object({
  votes: z.int().min(1),
  approvers: z.array(z.string()),
  requesterMayApprove: z.boolean(),
  channel: z.string().exactOptional(),
  deadlineAt: Time,
  hash: z.string(),
  requester: z.string().exactOptional(),
  given: z.array(
    z.object({
      by: Person,
      vote: z.enum(['approve', 'reject', 'override']),
      at: Time,
      via: z.string(),
      reason: z.string().exactOptional(),
    }),
  ),
});
const Announcement = z.object({
  receiver: z.string(),
  event: z.string(),
  state: z.enum(['pending', 'sent', 'abandoned']),
  attempts: z.int().min(0),
  dueAt: Time,
  message: z.string().exactOptional(),
});
const Status = z.object({
  phase: AnyPhase,
  reason: z.string().optional(),
  message: z.string().optional(),
  moves: Moves.optional(),
  deliveredAt: Time.optional(),
  finishedAt: Time.optional(),
  approval: Approval.optional(),
  announcements: z.array(Announcement).default([]),
  history: z.array(z.object({ phase: AnyPhase, at: Time, reason: z.string().exactOptional() })).optional(),
});
const Content = z.object({ spec: Spec, status: Status.default({ phase: firstPhase, announcements: [] }) });
const Identity = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string().regex(versionForm),
  }),
});

/** Whether the API server can have given this revision. */
export function isVersion(revision: string): boolean {
  return versionForm.test(revision);
}

/** Reads an object of the API. @throws ZodError when it is none at all. */
export function readImageUpdate(object: unknown): ImageUpdate {
  const { name, uid, resourceVersion } = Identity.parse(object).metadata;
  const content = Content.safeParse(object);
  return {
    ...{ name, uid, version: resourceVersion },
    update: content.success ? toUpdate(name, content.data) : whyNot(content.error),
  };
}

/** Whether the object says what this version of the product understands. */
export function isReadable(one: ImageUpdate): one is ReadableImageUpdate {
  return typeof one.update !== 'string';
}

function toUpdate(name: string, { spec, status }: z.infer<typeof Content>): Update {
  const { workload, uid, repository, tag, digest, pushedBy, policy, createdAt } = spec;
  const { phase, reason, message, deliveredAt, finishedAt, approval, announcements } = status;
  return {
    ...{ name, workload, uid, repository, tag, digest, policy, createdAt },
    ...(pushedBy === undefined ? {} : { pushedBy }),
    ...{ phase, reason, message, deliveredAt, finishedAt, approval, announcements },
    moves: status.moves ?? spec.moves,
    history: status.history ?? [{ phase: firstPhase, at: createdAt }],
  };
}

function whyNot({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

/** The object for a new update. Its status comes with the first write over it: the API takes none before. */
export function newImageUpdate(update: Update): unknown {
  const { name, workload, uid, repository, tag, digest, pushedBy, moves, policy, createdAt } = update;
  const spec = { workload, uid, repository, tag, digest, pushedBy, moves, policy, createdAt };
  return object({ name }, { spec: tidy(spec) });
}

/** The object that carries an update's status over `resourceVersion`. */
export function changedImageUpdate(update: Update, resourceVersion: string, writtenBy: string): unknown {
  const { name, phase, reason, message, moves, deliveredAt, finishedAt, history } = update;
  const { approval, announcements } = update;
  const status = {
    ...{ phase, moves, deliveredAt, finishedAt, approval, announcements, writtenBy },
    reason: cut(reason, longestReason),
    message: cut(message, longestMessage),
    history: history
      .slice(-longestHistory)
      .map((entry) => ({ ...entry, reason: cut(entry.reason, longestReason) })),
  };
  return object({ name, resourceVersion }, { status: tidy(status) });
}

function object(metadata: Readonly<Record<string, string>>, content: object): unknown {
  return { apiVersion: `${group}/${version}`, kind, metadata, ...content };
}

function cut(text: string | undefined, length: number): string | undefined {
  return text === undefined || text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Without what JSON readers change or terminals act on: null bytes and halves of surrogate pairs. */
function tidy(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD').toWellFormed();
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, tidy(part)]));
}
