import { createHash } from 'node:crypto';
import type { Change } from './change.ts';
import { parseImageRef } from './image-ref.ts';
import { severityOfKind, wordOf, type Notice } from './notice.ts';
import { oneLine } from './one-line.ts';
import { longestProblem } from './update.ts';
import type { UpdateLink } from './update-link.ts';
import { workloadId, type WorkloadKey } from './workload.ts';

/** Where a change was found. */
export interface ChangePlace {
  readonly workload: WorkloadKey;
  readonly team: string | undefined;
  readonly link: UpdateLink;
}

/** What people are told of a change that was found `now`. */
export function changeNotice(change: Change, { workload, team, link }: ChangePlace, now: Date): Notice {
  const { kind, thread, images, scale, by, reason, message } = change;
  const at = now.toISOString();
  return {
    id: `ch-${hashOf([workloadId(workload), kind, at, images, scale ?? null])}-${wordOf(kind)}`,
    ...{ thread, kind, severity: severityOfKind(kind), at, workload, team, images },
    ...(scale ? { scale } : {}),
    ...{ by: by === undefined ? [] : [by], reason },
    message: message === undefined ? undefined : oneLine(message, longestProblem),
    link: link({ workload, ...imageOf(images) }),
  };
}

function imageOf([first]: Notice['images']): { readonly repository?: string; readonly tag?: string } {
  const ref = parseImageRef(first?.to ?? '');
  if (!ref) return {};
  const { repository, tag } = ref;
  return tag === undefined ? { repository } : { repository, tag };
}

function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
