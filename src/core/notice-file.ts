import { z } from 'zod';
import type { NoticeBox, NoticeEntry } from './notice-box.ts';
import { noticeKinds, severities, type Notice, type NoticeKind } from './notice.ts';
import { emptyBook } from './seen-book.ts';
import { placeInName, seenFile, seenIn } from './seen-file.ts';
import type { Announcement } from './update.ts';
import { workloadKinds } from './workload.ts';

const NoticeObject = z
  .object({
    ...{ id: z.string(), thread: z.string(), at: z.iso.datetime() },
    kind: z.enum(noticeKinds as readonly [NoticeKind]),
    severity: z.enum(severities),
    workload: z.object({
      ...{ cluster: z.string(), namespace: z.string(), name: z.string(), kind: z.enum(workloadKinds) },
    }),
    images: z.array(z.object({ container: z.string(), from: z.string(), to: z.string() })),
    scale: z.object({ from: z.number(), to: z.number() }).optional(),
    by: z.array(z.string()),
    team: z.string().optional(),
    ...{ reason: z.string().optional(), message: z.string().optional(), link: z.string().optional() },
  })
  .transform(({ scale, team, reason, message, link, ...rest }): Notice => ({
    ...{ ...rest, team, reason, message, link },
    ...(scale ? { scale } : {}),
  }));
const AnnouncementObject = z
  .object({
    ...{ receiver: z.string(), event: z.string(), attempts: z.number(), dueAt: z.iso.datetime() },
    state: z.enum(['pending', 'sent', 'abandoned']),
    message: z.string().optional(),
  })
  .transform(({ message, ...rest }): Announcement => (message === undefined ? rest : { ...rest, message }));
const Entry = z.object({ notice: NoticeObject, announcements: z.array(AnnouncementObject) });
const File = z.object({ notices: z.array(z.unknown()), unsettled: z.unknown().optional() });

/** The name of the file with what is to be told of a namespace. */
export function noticeFileName(ownNamespace: string, namespace: string, cluster?: string): string {
  return `deployment-notices-v1-${ownNamespace}-${placeInName(namespace, cluster)}.json`;
}

/** What was read: the box, and how many notices another version wrote that mean nothing to this one. */
export interface ReadBox {
  readonly box: NoticeBox;
  readonly unreadable: number;
}

/** Reads such a file; words for a person when it is none. */
export function readNoticeFile(text: string, teamLabel: string): ReadBox | string {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  const file = File.safeParse(given);
  if (!file.success) return 'it has no notices';
  const { notices, unsettled } = file.data;
  const entries = notices.flatMap((one): readonly NoticeEntry[] => {
    const { success, data } = Entry.safeParse(one);
    return success ? [data] : [];
  });
  const box = { entries, unsettled: seenIn(unsettled, teamLabel) ?? emptyBook };
  return { box, unreadable: notices.length - entries.length };
}

/** Writes it. */
export function writeNoticeFile({ entries, unsettled }: NoticeBox, teamLabel: string): string {
  return JSON.stringify({ notices: entries, unsettled: seenFile(unsettled, teamLabel) });
}
