import { z } from 'zod';

/**
 * The rules by which one of many holds a `coordination.k8s.io/v1` Lease, those of client-go. The times in the Lease
 * are for people: a candidate trusts only its own monotonic clock, counted from when it saw the record change, so
 * that wall clocks may differ or jump. What must hold is that clocks run about equally fast: the leader's 10 s end
 * before anyone's 15 s as long as no clock runs half as fast again as another.
 * https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
 */
export const leaseDurationMs = 15_000;
/** A leader that has not renewed for so long leads no more. */
export const renewDeadlineMs = 10_000;
/** How often the leader renews. */
export const retryPeriodMs = 2_000;
/** A candidate looks twice as often, so that nothing is left undone for long after a release. */
const candidatePeriodMs = 1000;
/** And up to so much later, so that not all of them look at once. */
const jitterFactor = 1.2;
/** What a release writes: it tells a Lease that was given up from one that was emptied by hand. */
const releasedSeconds = 1;
/** The version of a Lease that is not there. */
const noVersion = 'none';
/** Nobody is waited for longer, whatever somebody wrote into the Lease by hand: no version of ours asks for more. */
const longestLeaseMs = 60_000;

/** What is no such thing counts as missing, so that a Lease full of nonsense is taken over and written anew. */
const LeaseSpec = z.looseObject({
  holderIdentity: z.string().nullish().catch(undefined),
  leaseDurationSeconds: z.number().nullish().catch(undefined),
  acquireTime: z.string().nullish().catch(undefined),
  renewTime: z.string().nullish().catch(undefined),
  // The server counts in 32 bits and refuses the next one after the last.
  leaseTransitions: z
    .int()
    .min(0)
    .max(2 ** 31 - 2)
    .nullish()
    .catch(undefined),
});

/** A Lease as the API server gives it; what is not ours in it is kept when it is written back. */
export const Lease = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: LeaseSpec.catch({}),
});
export type Lease = Readonly<z.infer<typeof Lease>>;

/** What we write. Times are RFC 3339 with microseconds, the only form the API server takes. */
export interface LeaseRecord {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

/** Who was last seen to hold the Lease, in which version of it, and since when, in monotonic milliseconds. */
export interface Observation {
  readonly resourceVersion: string;
  /** Empty after a release, and when nobody has been seen to hold it. */
  readonly holder: string;
  /** Somebody deleted the Lease or emptied it by hand. */
  readonly vacant: boolean;
  readonly sinceMs: number;
  readonly durationMs: number;
}

/** What a look at the Lease calls for. */
export type Move =
  /** It is nobody's, or its holder has been silent for long enough. */
  | { readonly kind: 'acquire' }
  /** It is ours: also after an answer was lost, or a term. */
  | { readonly kind: 'renew' }
  /** Somebody holds it, at least until `untilMs` on our monotonic clock. */
  | { readonly kind: 'wait'; readonly holder: string; readonly untilMs: number };

/**
 * What we know after a look; a version that we have seen before is no news.
 *
 * @param lease as read; `undefined` when there is none.
 */
export function observe(
  before: Observation | undefined,
  lease: Lease | undefined,
  nowMs: number,
): Observation {
  const resourceVersion = lease?.metadata.resourceVersion ?? noVersion;
  if (before?.resourceVersion === resourceVersion) return before;
  const spec = lease?.spec ?? {};
  const vacant = isVacant(spec);
  const holder = (vacant ? before?.holder : spec.holderIdentity) ?? '';
  return { resourceVersion, holder, vacant, sinceMs: nowMs, durationMs: durationOf(spec) };
}

/**
 * What to do about the Lease.
 *
 * @param us `identity` is ours alone: of two processes with one name both would lead; `holds`: our guard does.
 */
export function nextMove(
  seen: Observation,
  us: { readonly identity: string; readonly holds: boolean },
  nowMs: number,
): Move {
  const { holder, vacant, sinceMs, durationMs } = seen;
  if (holder === '') return { kind: 'acquire' };
  // Who makes a Lease vacant by hand does not stop its holder: that one makes it anew, and all others wait for that.
  if (vacant ? us.holds : holder === us.identity) return { kind: 'renew' };
  const untilMs = sinceMs + durationMs;
  return nowMs < untilMs ? { kind: 'wait', holder, untilMs } : { kind: 'acquire' };
}

/** The record that makes or keeps `identity` the holder. */
export function heldRecord(lease: Lease | undefined, identity: string, now: Date): LeaseRecord {
  const spec = lease?.spec;
  const renewTime = microTime(now, spec?.renewTime);
  const ours = spec?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: leaseDurationMs / 1000,
    acquireTime: (ours ? spec.acquireTime : undefined) ?? renewTime,
    renewTime,
    leaseTransitions: transitionsOf(lease, ours),
  };
}

/** The record that lets anyone take over at once. */
export function releasedRecord(lease: Lease, now: Date): LeaseRecord {
  const renewTime = microTime(now, lease.spec.renewTime);
  return {
    holderIdentity: '',
    leaseDurationSeconds: releasedSeconds,
    acquireTime: renewTime,
    renewTime,
    leaseTransitions: transitionsOf(lease, true),
  };
}

/**
 * Until when the leader may write.
 *
 * @param sentMs when the last renewal that succeeded was sent: not when its answer came, since others count from the
 *   moment it took effect, somewhere in between.
 */
export function guardedUntilMs(sentMs: number): number {
  return sentMs + renewDeadlineMs;
}

/** How long a candidate waits for its next look. `random`: 0 ≤ x < 1. */
export function candidatePauseMs(random: number): number {
  return candidatePeriodMs * (1 + (jitterFactor - 1) * random);
}

function isVacant({ holderIdentity, leaseDurationSeconds }: Lease['spec']): boolean {
  return !holderIdentity && leaseDurationSeconds !== releasedSeconds;
}

/** One who asks for longer gets it; for less, nobody may be cut short whose guard may still hold. */
function durationOf({ leaseDurationSeconds }: Lease['spec']): number {
  return Math.max(leaseDurationMs, Math.min(longestLeaseMs, (leaseDurationSeconds ?? 0) * 1000));
}

function transitionsOf(lease: Lease | undefined, same: boolean): number {
  if (!lease) return 0;
  return (lease.spec.leaseTransitions ?? 0) + (same ? 0 : 1);
}

/** Never the one that is there: a write that changes nothing makes no new version, and nobody would see it. */
function microTime(now: Date, before: string | null | undefined): string {
  const text = now.toISOString().replace('Z', '000Z');
  return text === before ? text.replace('000Z', '001Z') : text;
}
