import type { Evidence } from '../evidence.ts';
import type { Sample } from '../service-front.ts';
import type { Violations } from './violations.ts';

/** What is promised. */
export const promisedMs = 400;
/**
 * The service, the control plane and this program share a machine, so a short run only counts what took longer than
 * is promised. Above this no machine is an excuse any more: a deadline is missing.
 */
const inexcusableMs = 5000;

/** Acknowledgements whose time says something: the replica was left alone meanwhile, and this program not held up. */
function counted({ samples }: Evidence): readonly Sample[] {
  return samples.filter(({ result, disturbed }) => typeof result === 'number' && result < 300 && !disturbed);
}

/** Times of the acknowledgements that count, in milliseconds. */
export function acknowledgementTimes(evidence: Evidence): readonly number[] {
  return counted(evidence).map(({ tookMs }) => tookMs);
}

/** How many of them took longer than is promised. */
export function lateAnswers(evidence: Evidence): number {
  return acknowledgementTimes(evidence).filter((ms) => ms > promisedMs).length;
}

/** Acknowledgements that took too long: longer than promised when that is `judged`. */
export function slowAnswers(evidence: Evidence, judged: boolean): Violations {
  const limitMs = judged ? promisedMs : inexcusableMs;
  return counted(evidence)
    .filter(({ tookMs }) => tookMs > limitMs)
    .map(({ replica, tookMs }) => `slow: ${replica} took ${Math.round(tookMs)} ms for an acknowledgement`);
}
