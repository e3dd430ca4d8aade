import { z } from 'zod';
import { cutToFit } from '../core/cut-to-fit.ts';
import { AppError, hasCode } from '../core/errors.ts';
import { apiVersionOf, objectPath } from '../core/kinds.ts';
import type { NoticeKind } from '../core/notice.ts';
import { oneLine } from '../core/one-line.ts';
import type { Log, Message, Sink } from '../core/ports.ts';
import type { Rest } from '../core/rest.ts';
import { section } from '../core/section.ts';
import type { WorkloadKey } from '../core/workload.ts';
import { sinkModule } from '../lib/sink-module.ts';

/** Bytes, whatever the reference says: the API server counts those. */
const maxNoteBytes = 1024;

/** What `kubectl get events` has in the column REASON. */
const reasons: Readonly<Record<NoticeKind, string>> = {
  'update.awaiting-approval': 'UpdateAwaitingApproval',
  'update.approved': 'UpdateApproved',
  'update.rejected': 'UpdateRejected',
  'update.expired': 'UpdateExpired',
  'update.superseded': 'UpdateSuperseded',
  'update.succeeded': 'UpdateSucceeded',
  'update.failed': 'UpdateFailed',
  'workload.created': 'WorkloadCreated',
  'workload.image-changed': 'ImageChanged',
  'workload.config-changed': 'ConfigChanged',
  'workload.restarted': 'WorkloadRestarted',
  'workload.scaled': 'WorkloadScaled',
  'workload.autoscaled': 'WorkloadAutoscaled',
  'workload.deleted': 'WorkloadDeleted',
  'workload.failed': 'WorkloadFailed',
  'workload.recovered': 'WorkloadRecovered',
};

const Found = z.object({ metadata: z.object({ uid: z.string() }) });

/**
 * An Event of the workload in its own cluster, where `kubectl describe` shows it:
 * https://kubernetes.io/docs/reference/kubernetes-api/events/event-v1/
 */
export const event = sinkModule('event', section({}), (_, { restOf, log }): Sink => {
  const notAllowed = onceFor(log);
  return {
    async send(message, signal) {
      const { kind, workload } = message.notice;
      const rest = restOf(workload.cluster);
      // What has that name now is another one.
      const uid = kind === 'workload.deleted' ? undefined : await uidOf(rest, workload, notAllowed, signal);
      const path = `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(workload.namespace)}/events`;
      const body = eventOf(message, uid);
      const call = { method: 'POST', path, query: { fieldManager: 'updatekate' }, body } as const;
      await rest.json(call, signal).catch((error: unknown) => {
        // An earlier try wrote it, and only its answer was lost.
        if (hasCode(error, 'conflict')) return;
        throw refusal(error, workload);
      });
    },
  };
});

/**
 * `kubectl describe` finds events by it. A workload that is gone has none, and of one that we may not get, as k8s/notify
 * has it, we do not know it; `kubectl get events` shows them still.
 */
async function uidOf(
  rest: Rest,
  workload: WorkloadKey,
  notAllowed: (workload: WorkloadKey, error: unknown) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return Found.parse(await rest.json({ method: 'GET', path: objectPath(workload) }, signal)).metadata.uid;
  } catch (error) {
    if (hasCode(error, 'forbidden')) notAllowed(workload, error);
    else if (!hasCode(error, 'not-found')) throw error;
    return undefined;
  }
}

/** Says that a kind may not be got in a namespace: once, as it is so for every message. */
function onceFor(log: Log): (workload: WorkloadKey, error: unknown) => void {
  const said = new Set<string>();
  return ({ cluster, namespace, kind }, error) => {
    const key = JSON.stringify([cluster, namespace, kind]);
    if (said.has(key)) return;
    said.add(key);
    const fields = { cluster, namespace, kind, error };
    log.warn(fields, 'event: a workload may not be read: kubectl describe does not show its events');
  };
}

/** The Event; its name is the notice's, so that there is one however often it is tried. */
function eventOf({ notice, text }: Message, uid: string | undefined): unknown {
  const { kind, namespace, name } = notice.workload;
  return {
    ...{ apiVersion: 'events.k8s.io/v1', kind: 'Event' },
    metadata: { name: notice.id, namespace },
    // Microseconds are the only form that the API server takes.
    eventTime: new Date(notice.at).toISOString().replace('Z', '000Z'),
    ...{ type: notice.severity === 'info' ? 'Normal' : 'Warning', reason: reasons[notice.kind] },
    // What we did: of what others do, nothing but to look.
    ...{ action: notice.kind.startsWith('update.') ? 'UpdateImages' : 'Observe', note: noteOf(text) },
    regarding: { apiVersion: apiVersionOf(kind), kind, namespace, name, uid },
    ...{ reportingController: 'updatekate.dev/updatekate', reportingInstance: 'updatekate' },
  };
}

/** One line: of a second one, `kubectl get events` shows nothing. */
function noteOf(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const line = oneLine(lines.join('; '), maxNoteBytes);
  return cutToFit(line, (text) => Buffer.byteLength(text) <= maxNoteBytes);
}

/** Other reasons, such as a namespace that is going away, speak for themselves. */
function refusal(error: unknown, { cluster, namespace }: WorkloadKey): unknown {
  // A namespace takes its events with it.
  if (hasCode(error, 'not-found') && error.message.includes(`namespaces "${namespace}" not found`))
    return new AppError('gone', error.message, { cause: error });
  if (!hasCode(error, 'forbidden') || !error.message.includes('cannot create resource')) return error;
  const rule = '{ apiGroups: [events.k8s.io], resources: [events], verbs: [create] }';
  const message = `${error.message}; the Role in ${namespace} of cluster ${cluster} lacks the rule ${rule}`;
  return new AppError('forbidden', message, { cause: error });
}
