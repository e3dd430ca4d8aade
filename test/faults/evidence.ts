import type { ImageChange } from './deployments.ts';
import type { Write } from './journal.ts';
import type { Push } from './pusher.ts';
import type { Told } from './receiver.ts';
import type { UpdateRecord } from './records.ts';
import type { Exit } from './replica.ts';
import type { Cast } from './voters.ts';
import type { Sample } from './service-front.ts';

/** All that was observed in one installation, by others than the product. */
export interface Evidence {
  readonly pushes: readonly Push[];
  readonly records: readonly UpdateRecord[];
  readonly changes: ReadonlyMap<string, readonly ImageChange[]>;
  readonly writes: readonly Write[];
  readonly told: readonly Told[];
  readonly samples: readonly Sample[];
  readonly exits: readonly Exit[];
  /** Deployments that are moved only when so many people have said yes. */
  readonly asking: ReadonlyMap<string, number>;
  /** Who may. */
  readonly approvers: readonly string[];
  /** What people have said, as they saw it. */
  readonly casts: readonly Cast[];
  /** When all this was looked at, in milliseconds since 1970. */
  readonly takenAtMs: number;
}

/** What a scenario may break of the invariants, because that is what it is about. */
export interface Allowance {
  /** A clock was moved: timestamps of webhooks may be off by so much. */
  readonly skewSeconds?: number;
  /** Whether an acknowledgement that takes longer than is promised fails the scenario; else it is only counted. */
  readonly judgeTimes?: boolean;
}
