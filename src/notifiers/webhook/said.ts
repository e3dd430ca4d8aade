import type { NoticeKind, Severity } from '../../core/notice.ts';
import type { Message } from '../../core/ports.ts';

/** What the webhook of a notifier says; every key is always there. */
export interface Said {
  /** Constant over every try: the receiver's key against duplicates. */
  readonly id: string;
  readonly type: NoticeKind;
  /** RFC 3339: when it happened. */
  readonly timestamp: string;
  readonly severity: Severity;
  /** The same for everything about one rollout. */
  readonly thread: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly workload: string;
  readonly team: string | null;
  /** The containers that were changed; of what changes no image, all of them. `from` is null where there was none. */
  readonly images: readonly {
    readonly container: string;
    readonly from: string | null;
    readonly to: string;
  }[];
  /** How many pods were wanted, and are. */
  readonly scale: { readonly from: number; readonly to: number } | null;
  /** Who approved an update; what made a change. */
  readonly by: readonly string[];
  readonly reason: string | null;
  readonly message: string | null;
  readonly link: string | null;
  /** In the words of the notifier. */
  readonly text: string;
}

/** Says it. Each key by itself: nothing gets out because it came along. */
export function saidOf({ notice, text }: Message): Said {
  const { id, kind, at, severity, thread, workload, team, images, scale, by } = notice;
  return {
    ...{ id, type: kind, timestamp: at, severity, thread },
    cluster: workload.cluster,
    namespace: workload.namespace,
    kind: workload.kind,
    workload: workload.name,
    team: team ?? null,
    images: images.map(({ container, from, to }) => ({ container, from: from === '' ? null : from, to })),
    scale: scale ? { from: scale.from, to: scale.to } : null,
    by,
    reason: notice.reason ?? null,
    message: notice.message ?? null,
    link: notice.link ?? null,
    text,
  };
}
