import { isReleased } from './approval.ts';
import { parseImageRef } from './image-ref.ts';
import { isEnd, isInFlight } from './phases.ts';
import { readPolicy } from './policies/index.ts';
import type { Update } from './update.ts';

/** Whose turn it is among the updates of one workload, seen from one of them. */
export type Turn =
  /** It may be delivered, once these older wishes for the same containers are marked superseded. */
  | { readonly kind: 'go'; readonly supersedes: readonly Update[] }
  /** Another one goes first; older wishes are superseded all the same. */
  | { readonly kind: 'wait'; readonly for: Update; readonly supersedes: readonly Update[] }
  | { readonly kind: 'superseded'; readonly by: Update };

/**
 * One update at a time per workload: what is in flight is finished first, a newer tag supersedes what has not
 * been delivered, and updates of different containers queue in the order they came. Pure.
 *
 * @param siblings the unfinished updates of the same workload; `update` itself may be among them.
 */
export function turnOf(update: Update, siblings: readonly Update[]): Turn {
  if (isInFlight(update.phase)) return { kind: 'go', supersedes: [] };
  const others = siblings.filter(({ name, phase }) => name !== update.name && !isEnd(phase));
  const busy = others.find(({ phase }) => isInFlight(phase));
  const waiting = others.filter(({ phase }) => !isInFlight(phase));
  const newer = waiting.find((other) => covers(other, update) && isNewer(other, update));
  if (newer) return { kind: 'superseded', by: newer };
  const supersedes = waiting.filter((other) => covers(update, other) && isNewer(update, other));
  // Who waits for people holds up nobody: that may take days.
  const earlier = waiting.find(
    (other) => !waitsForPeople(other) && !supersedes.includes(other) && cameFirst(other, update),
  );
  const first = busy ?? earlier;
  return first ? { kind: 'wait', for: first, supersedes } : { kind: 'go', supersedes };
}

function waitsForPeople({ phase, approval }: Update): boolean {
  return phase === 'AwaitingApproval' && !(approval && isReleased(approval));
}

/** Whether `a` moves every container that `b` moves. */
function covers(a: Update, b: Update): boolean {
  const containers = new Set(a.moves.map(({ container }) => container));
  return b.moves.every(({ container }) => containers.has(container));
}

/** By the policy's order; where it has none between the two, the one that came last is the newer wish. */
function isNewer(a: Update, b: Update): boolean {
  const last = cameFirst(a, b) ? b : a;
  const order = policyOrder(last, a.tag, b.tag);
  return order === 0 ? last === a : order > 0;
}

/** By the policy and the running tag of one update, so that both sides of a comparison get the same answer. */
function policyOrder({ policy: text, moves }: Update, a: string, b: string): number {
  const policy = readPolicy(text);
  const current = parseImageRef(moves[0]?.from ?? '')?.tag;
  if (typeof policy === 'string' || current === undefined) return 0;
  const ranking = policy.rank(current, 'all');
  return typeof ranking === 'string' ? 0 : ranking.compare(a, b);
}

function cameFirst(a: Update, b: Update): boolean {
  return a.createdAt === b.createdAt ? a.name < b.name : a.createdAt < b.createdAt;
}
