import type { Fail } from './annotation-values.ts';
import { annotationPrefix, readAnnotations } from './annotations.ts';
import { keelSources, policyIn, settingAt } from './keel-settings.ts';
import type { Workload } from './workload.ts';

type Texts = Pick<Workload, 'annotations' | 'labels'>;

/** A number of votes, and where Keel asks for as many, for messages. */
export interface AskedVotes {
  readonly votes: number;
  /** Absent when others ask for more. */
  readonly keelAt?: string;
}

/** What Keel's annotations and labels say of approvals. */
export interface KeelApprovals {
  readonly votes?: Required<AskedVotes>;
  readonly deadlineMs?: number;
}

const hourMs = 3_600_000;

/**
 * What Keel's annotations and labels say of approvals, up to `most`, where ours say nothing; empty when it is not a
 * policy of Keel's that counts. Of an annotation and a label the stricter is taken, since Keel itself would take the
 * label. What cannot be read is told to `tell`. https://keel.sh/docs/#approvals
 */
export function readKeelApprovals(
  workload: Texts,
  most: { readonly votes: number; readonly deadlineMs: number },
  tell: Fail,
): KeelApprovals {
  if (!isRuledByKeel(workload)) return {};
  const read = (ours: string, keels: string, inRange: WholeReader): readonly Found[] =>
    workload.annotations[annotationPrefix + ours] === undefined
      ? numbersAt(keels, workload, inRange, tell)
      : [];
  const votes = read('approvals', 'keel.sh/approvals', whole('number', 0, most.votes)).at(-1);
  const inHours = whole('number of hours', 1, most.deadlineMs / hourMs);
  const [hours] = read('approval-deadline', 'keel.sh/approvalDeadline', inHours);
  return {
    ...(votes && { votes: { votes: votes.value, keelAt: votes.key } }),
    ...(hours && { deadlineMs: hours.value * hourMs }),
  };
}

/**
 * The votes that are needed when Keel's settings ask for some as well: the greatest number that anybody asks for.
 * Keel's 0 takes nothing away from `said`, which is what counts without Keel. Undefined is what nobody said.
 */
export function votesWithKeel(
  keel: KeelApprovals['votes'],
  said: number | undefined,
  byDefault = 0,
): AskedVotes | undefined {
  if (!keel) return said === undefined ? undefined : { votes: said };
  if (keel.votes === 0) return { votes: said ?? 0 };
  const others = Math.max(said ?? 0, byDefault);
  return keel.votes < others ? { votes: others } : keel;
}

function isRuledByKeel(workload: Texts): boolean {
  const hasPolicy = keelSources(workload).some((source) => policyIn(source) !== undefined);
  return hasPolicy && !readAnnotations(workload.annotations, []).hasPolicy;
}

interface Found {
  readonly key: string;
  readonly value: number;
}

type WholeReader = (text: string) => number | string;

/** What annotation and label say, in ascending order. */
function numbersAt(name: string, workload: Texts, read: WholeReader, tell: Fail): readonly Found[] {
  const numbers = keelSources(workload).flatMap((source) => {
    const setting = settingAt(source, name);
    if (!setting) return [];
    const { key } = setting;
    const value = read(setting.value);
    if (typeof value !== 'string') return [{ key, value }];
    tell(key, value);
    return [];
  });
  return numbers.toSorted((a, b) => a.value - b.value);
}

/** Keel takes Go's integers, which may have a plus sign and leading zeros. A text is what is wrong. */
function whole(what: string, least: number, most: number): WholeReader {
  return (text) => {
    const value = /^\+?\d+$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most ? value : `"${text}" is no ${what} from ${least} to ${most}`;
  };
}
