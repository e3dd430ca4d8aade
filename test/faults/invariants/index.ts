import type { Allowance, Evidence } from '../evidence.ts';
import { lostUpdates, untold, wrongImages } from './acknowledged.ts';
import { acknowledgementTimes, slowAnswers } from './answers.ts';
import { madeUpWebhooks, untoldApprovals } from './approval-webhooks.ts';
import { unapproved, undecided, wrongGates } from './approvals.ts';
import { acceptedPatches, doublePatches, downgrades, unexplainedImages } from './patches.ts';
import { wrongRecords } from './records.ts';
import type { Violations } from './violations.ts';
import { wrongVotes } from './votes.ts';
import { wrongWebhooks } from './webhooks.ts';

/**
 * What is promised of an acknowledgement, as far as it has to become true in the end: while work is under way these
 * are not violated yet, but open.
 */
export function unfinished(evidence: Evidence): Violations {
  return [
    ...lostUpdates(evidence),
    ...wrongImages(evidence),
    ...untold(evidence),
    ...undecided(evidence),
    ...untoldApprovals(evidence),
  ];
}

/** What must be true at any time. */
export function violations(evidence: Evidence, allowance: Allowance): Violations {
  return [
    ...unmeasured(evidence),
    ...doublePatches(evidence),
    ...unexplainedImages(evidence),
    ...downgrades(evidence),
    ...wrongRecords(evidence),
    ...wrongWebhooks(evidence, allowance),
    ...unapproved(evidence),
    ...wrongGates(evidence),
    ...wrongVotes(evidence),
    ...madeUpWebhooks(evidence),
    ...slowAnswers(evidence, allowance.judgeTimes ?? false),
    ...ownEnds(evidence),
  ];
}

/** Without these nothing was proven. */
function unmeasured(evidence: Evidence): Violations {
  const counts = {
    'acknowledged pushes': evidence.pushes.filter(({ ackedAtMs }) => ackedAtMs !== undefined).length,
    'accepted patches': acceptedPatches(evidence).length,
    'outgoing webhooks': evidence.told.length,
    'answers whose time counts': acknowledgementTimes(evidence).length,
  };
  return Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [`not measured: no ${what}`] : []));
}

/** No process ends unless it is told to. */
function ownEnds({ exits }: Evidence): Violations {
  return exits
    .filter(({ asked }) => !asked)
    .map(({ replica, code, signal }) => `ended by itself: ${replica} (${signal ?? `code ${code ?? '?'}`})`);
}
