import type { EventType } from './announcement.ts';
import type { ChangeKind } from './change-kinds.ts';
import type { Decision } from './decide.ts';
import type { Notice, NoticeKind, Severity } from './notice.ts';
import type { Push } from './registry.ts';
import type { Target } from './target.ts';
import type { ImageMove, Update } from './update.ts';
import type { Pod, Workload, WorkloadKey } from './workload.ts';

/** Time, passed in so that tests own it. */
export interface Clock {
  now(): Date;
  /** Milliseconds that only ever grow, whoever sets the machine's time; from an arbitrary start. */
  monotonicMs(): number;
  /** Runs `run` once after `ms`; the function returned takes that back. */
  after(ms: number, run: () => void): () => void;
}

/** Structured log: constant message, variable fields. */
export type LogLine = (fields: Readonly<Record<string, unknown>>, message: string) => void;
/** Where log lines go. */
export interface Log {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}

/** What is counted. Labels come from closed sets, so that a stranger cannot create series. */
export interface Metrics {
  webhook(source: string, status: number, seconds: number): void;
  decision(decision: Pick<Decision, 'verdict' | 'reason'>): void;
  delivery(result: string, seconds: number): void;
  rollout(result: string, seconds: number): void;
  announcement(result: string, seconds: number): void;
  /** A vote that came by `via`; `result` is what it said, or why it did not count. */
  vote(via: string, result: string): void;
  /** Whether the watch of a cluster's `resource` is alive. */
  watch(cluster: string, resource: string, alive: boolean): void;
  /** New updates were spooled on this machine. */
  spooled(updates: number): void;
  /** Whether this replica acts. */
  leading(leads: boolean): void;
  /** More or (negative) fewer of `what`, such as `update`, have failed at a step that is tried again. */
  retrying(what: string, more: number): void;
  /** Somebody else changed a workload. */
  change(kind: ChangeKind): void;
}

/** An update with the mark that a later write must present. */
export interface Stored {
  readonly update: Update;
  readonly revision: string;
}

/**
 * Keeps updates. A promise that resolves means: written where a crash does not lose it; `create`, where a power cut
 * does not either.
 */
export interface Store {
  /**
   * Writes those whose name is new, in their first phase, and says for each name what is stored now. After a
   * rejection some may be written and others not: names make a repetition safe.
   */
  create(updates: readonly Update[]): Promise<readonly (Stored & { readonly created: boolean })[]>;
  get(name: string): Promise<Stored | undefined>;
  /** @throws AppError `conflict` when `revision` is not the stored one, `not-found` when there is no record. */
  replace(update: Update, revision: string): Promise<Stored>;
  /**
   * Forgets a record; one that is not there is no fault.
   *
   * @throws AppError `conflict` when `revision` is not the stored one.
   */
  remove(name: string, revision: string): Promise<void>;
  /** Every update (of one workload) that is not finished or not announced, oldest first. */
  open(workload?: WorkloadKey): Promise<readonly Stored[]>;
  /** The updates of one workload, newest first. */
  ofWorkload(key: WorkloadKey, limit: number): Promise<readonly Stored[]>;
  close(): Promise<void>;
}

/** Pushes that came before the workloads were known, kept where a crash does not lose them. */
export interface ParkedPushes {
  keep(pushes: readonly Push[]): Promise<void>;
  /** What is kept, oldest first. */
  all(): Promise<readonly { readonly id: number; readonly pushes: readonly Push[] }[]>;
  remove(id: number): Promise<void>;
  close(): Promise<void>;
}

/** The images to set in one workload, under the condition that it is still the one that was read. */
export interface ImagePatch {
  readonly workload: WorkloadKey;
  readonly resourceVersion: string;
  readonly moves: readonly ImageMove[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** The cluster, as flows need it. Every call has a deadline of its own besides `signal`. */
export interface Cluster {
  /** @throws AppError `unavailable`, `forbidden`. */
  read(key: WorkloadKey, signal: AbortSignal): Promise<Workload | undefined>;
  /** The whole object as the API gives it, for `/info`. */
  readRaw(key: WorkloadKey, signal: AbortSignal): Promise<unknown>;
  /** @throws AppError `conflict`, `not-found`, `forbidden`, `invalid`, `unavailable`. */
  patchImages(patch: ImagePatch, signal: AbortSignal): Promise<Workload>;
  pods(workload: Workload, signal: AbortSignal): Promise<readonly Pod[]>;
}

/** What is known of the cluster without asking it: kept current by a watch. */
export interface WorkloadView {
  /** Whether there has been a complete list: from then on pushes can be decided. */
  known(): boolean;
  get(key: WorkloadKey): Workload | undefined;
  /** The targets whose image comes from this canonical repository. Cost does not grow with the cluster. */
  targetsOf(repository: string): readonly Target[];
  targets(): readonly Target[];
}

/** How a delivery ended. Expected ends are values; what may work later is thrown as a retryable AppError. */
export type DeliveryResult =
  | { readonly kind: 'delivered'; readonly moves: readonly ImageMove[] }
  /** The workload needs no such update any more. */
  | { readonly kind: 'obsolete'; readonly reason: string; readonly message: string }
  /** It cannot be done, and trying again will not change that. */
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string };

/** Puts an update into effect. Safe to repeat: what is already there is recognised. */
export interface Delivery {
  deliver(update: Update, signal: AbortSignal): Promise<DeliveryResult>;
}

/** How one try to tell a receiver ended. */
export type AnnouncementResult =
  /** `message`: what could not be done all the same, for people to read. */
  | { readonly kind: 'sent'; readonly message?: string }
  /** It is to be told later, and that is no failed try: people have quiet hours, or too much came at a time. */
  | { readonly kind: 'postponed'; readonly ms: number }
  /** The receiver will never take it (410, or another final answer). */
  | { readonly kind: 'abandoned'; readonly message: string }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly retryAfterMs: number | undefined;
      /** Nothing is wrong with it: there were too many at a time. */
      readonly isTooMuch?: true;
    };

/** Someone who is told of what becomes of updates. */
export interface Receiver {
  /** Its name in records and logs; two receivers never share one. */
  readonly name: string;
  /** Whether it is told of this; absent = of everything. What it does not take is written nowhere. */
  takes?(event: EventType, update: Update): boolean;
  /** Whether it is told again that people are asked after every vote that does not decide it; absent = it is not. */
  readonly followsVotes?: boolean;
  /** Tells it `event`, which may be some time ago: the update can have moved on since. */
  tell(update: Update, event: EventType, signal: AbortSignal): Promise<AnnouncementResult>;
}

/** A receiver that asks people, and shows them what became of it. It takes nothing of updates that nobody is asked about. */
export type Requester = Receiver & Required<Pick<Receiver, 'takes'>>;

/** What a sink brings to people. */
export interface Message {
  readonly notice: Notice;
  /** Plain text, of which the first line says the most. Each sink makes it harmless for whatever shows it. */
  readonly text: string;
}

/** Someone who is told of updates, and of what others do to workloads. */
export interface Notifier extends Required<Pick<Receiver, 'name' | 'takes' | 'tell'>> {
  /** Whether it is told of this. */
  wants(notice: Notice): boolean;
  /** @param worst severity of what waits behind it, itself included: what people must hear now is not held up by what can wait. */
  bring(notice: Notice, signal: AbortSignal, worst?: Severity): Promise<AnnouncementResult>;
  /** For how long it is told nothing anyway, in ms; absent = 0. */
  busyMs?(): number;
}

/** Somewhere people read. */
export interface Sink {
  /** Whether it says anything of notices of this kind; absent = of all. The others are not brought to it. */
  tells?(kind: NoticeKind): boolean;
  /**
   * Brings it there, with at most a few quick retries.
   *
   * @throws AppError when it was not taken: `gone` when nothing ever will be; its `retryAfterMs` is obeyed.
   */
  send(message: Message, signal: AbortSignal): Promise<void>;
}
