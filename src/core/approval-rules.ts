import { expandGroups, type ApprovalGroups } from './approval-groups.ts';
import type { ApprovalRules } from './approval.ts';
import { isOnePerson } from './approver.ts';
import { joinProblems, printable, type Fail } from './annotation-values.ts';
import { annotationPrefix } from './annotations.ts';
import { parseDurationMs } from './duration.ts';
import { readKeelApprovals, votesWithKeel, type AskedVotes, type KeelApprovals } from './keel-approvals.ts';
import { legacyApprovalKey, readLegacyApproval } from './legacy-approval.ts';
import { sameWorkload, type Workload, type WorkloadKey } from './workload.ts';

/** What holds where a workload says nothing: of its environment. */
export interface ApprovalDefaults {
  readonly votes?: number;
  readonly approvers?: readonly string[];
  readonly deadlineMs?: number;
  readonly requesterMayApprove?: boolean;
}

/** Where approvals are asked for besides our own annotations. */
export interface ApprovalSettings {
  /** Key of the first system's annotation. */
  readonly legacyKey: string;
  readonly defaultsFor: (workload: WorkloadKey) => ApprovalDefaults;
  /** People that `group:NAME` stands for, wherever it is written. Absent = groups are Kubernetes' and Slack's. */
  readonly groups?: ApprovalGroups;
}

/** The same, and the Deployment of the environment, on which nothing of Keel's is read. */
export interface ApprovalSources extends ApprovalSettings {
  readonly classic?: WorkloadKey | undefined;
}

/** Nothing but annotations, the first system's under the key it had. */
export const annotationsOnly: ApprovalSettings = {
  legacyKey: legacyApprovalKey,
  defaultsFor: () => ({}),
};

/** What a workload asks for: rules, nothing, or something that cannot be obeyed, in words for a person. */
export type ApprovalAsked =
  | { readonly kind: 'none' }
  | { readonly kind: 'rules'; readonly rules: ApprovalRules }
  | { readonly kind: 'problem'; readonly message: string };

const none: ApprovalAsked = { kind: 'none' };
/** Limits of what may be asked for; a list of approvers has its limit also with the people of its groups. */
export const [mostVotes, mostApprovers, longestName] = [20, 50, 253];
const dayMs = 86_400_000;
const [shortestMs, longestMs] = [60_000, 30 * dayMs];

/** Keel lets anybody vote, so its users have named nobody. */
const nobodyForKeel =
  'nobody is named who may approve: ' +
  `add the annotation ${keyOf('approvers')}, or approvals with approvers of an environment in UK_CONFIG`;
/** Whoever sets a deadline believes that somebody is asked. */
const nobodyIsAsked = `nobody is asked: ${keyOf('approvals')} says how many must be, 0 for none`;

/**
 * What must be approved, and by whom. Our annotations go before Keel's and the first system's, and all before the
 * defaults; but Keel's votes are never fewer than others ask for. What cannot be obeyed is never taken for "nobody
 * need be asked". Total.
 */
export function approvalAsked(
  workload: Pick<Workload, 'key' | 'annotations' | 'labels'>,
  settings: ApprovalSources,
): ApprovalAsked {
  const { key, annotations } = workload;
  const problems: string[] = [];
  const tell: Fail = (where, why) => void problems.push(printable(`${where}: ${why}`));
  const fail: Fail = (name, why) => tell(`annotation ${name}`, why);
  const own = readOwn(annotations, fail);
  const legacy = own.votes === undefined ? readLegacy(annotations, settings.legacyKey, fail) : undefined;
  const defaults = settings.defaultsFor(key);
  const { votes: keelVotes, ...keelTime } = readKeel(workload, settings, tell);
  const said = { ...defaults, ...keelTime, ...legacy, ...own };
  const asked = votesWithKeel(keelVotes, said.votes, defaults.votes);
  if (problems.length === 0 && !asked && own.deadlineMs !== undefined)
    fail(keyOf('approval-deadline'), nobodyIsAsked);
  const rules =
    problems.length === 0 && asked?.votes
      ? rulesFrom({ ...said, ...asked }, settings.groups, tell)
      : undefined;
  const problem = joinProblems(problems);
  if (problem !== undefined) return { kind: 'problem', message: problem };
  return rules ? { kind: 'rules', rules } : none;
}

type Said = ApprovalDefaults & Partial<Pick<ApprovalRules, 'channel'>>;

function rulesFrom(said: Said & AskedVotes, groups: ApprovalGroups | undefined, tell: Fail): ApprovalRules {
  const { votes, deadlineMs = dayMs, requesterMayApprove = false, channel } = said;
  const approvers = expandGroups(said.approvers ?? [], groups);
  tellTooFew(approvers, said, tell);
  return { votes, approvers, deadlineMs, requesterMayApprove, ...(channel === undefined ? {} : { channel }) };
}

function tellTooFew(approvers: readonly string[], { votes, keelAt }: AskedVotes, tell: Fail): void {
  const [ask, name] = [keelAt ?? noted('approvals'), noted('approvers')];
  const people = new Set(approvers.map((one) => one.toLowerCase()));
  if (people.size === 0 && keelAt !== undefined) tell(keelAt, nobodyForKeel);
  else if (people.size === 0)
    tell(name, `${votes} approvals are asked for, but nobody is named who may approve`);
  else if (approvers.length > mostApprovers)
    tell(name, `names more than ${mostApprovers}, with the people of its groups`);
  else if (approvers.every(isOnePerson) && people.size < votes)
    tell(ask, `${votes} are asked for, but only ${people.size} may approve: ${approvers.join(', ')}`);
}

/** What rules the Deployment of the environment is not Keel's, whatever is written on it. */
function readKeel(
  workload: Parameters<typeof approvalAsked>[0],
  { classic }: ApprovalSources,
  tell: Fail,
): KeelApprovals {
  const isClassic = classic !== undefined && sameWorkload(classic, workload.key);
  return isClassic ? {} : readKeelApprovals(workload, { votes: mostVotes, deadlineMs: longestMs }, tell);
}

function readOwn(annotations: Workload['annotations'], fail: Fail): ApprovalDefaults {
  const read = <T>(name: string, reader: (text: string) => T | string): T | undefined => {
    const text = annotations[keyOf(name)];
    const value = text === undefined ? undefined : reader(text.trim());
    if (typeof value !== 'string') return value;
    fail(keyOf(name), value);
    return undefined;
  };
  const approvers = read('approvers', readApprovers);
  // Whoever names approvers wants them to be asked.
  const votes = read('approvals', readVotes) ?? (approvers && 1);
  const deadlineMs = read('approval-deadline', readDeadline);
  return {
    ...(votes === undefined ? {} : { votes }),
    ...(approvers === undefined ? {} : { approvers }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  };
}

function readVotes(text: string): number | string {
  const votes = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return votes <= mostVotes ? votes : `"${text}" is no number from 0 to ${mostVotes}`;
}

/** Names separated by commas or spaces; a text is what is wrong with them. */
export function readApprovers(text: string): readonly string[] | string {
  const names = [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))];
  if (names.length === 0) return 'names nobody';
  if (names.length > mostApprovers) return `names more than ${mostApprovers}`;
  if (names.some((name) => /\p{C}/u.test(name))) return 'has a name with a character that cannot be seen';
  return names.every((name) => name.length <= longestName) ? names : 'has a name that is too long';
}

/** How long people have to decide, in milliseconds; a text is what is wrong with it. */
export function readDeadline(text: string): number | string {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= shortestMs && ms <= longestMs) return ms;
  return `"${text}" is no duration from 1m to 30d, such as 4h`;
}

function readLegacy(annotations: Workload['annotations'], key: string, fail: Fail): Said | undefined {
  // Somebody may call the annotation `constructor`.
  const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
  const read = value === undefined ? undefined : readLegacyApproval(value);
  if (typeof read !== 'string') return read && { votes: 1, ...read };
  fail(key, read);
  return undefined;
}

/** The annotation of ours, for messages. */
function noted(name: string): string {
  return `annotation ${keyOf(name)}`;
}

function keyOf(name: string): string {
  return annotationPrefix + name;
}
