import type { Scenario } from '../scenario.ts';
import { apiFaults } from './api-faults.ts';
import { apiFrozen, apiKills } from './api-outages.ts';
import { clockAhead, clockBehind } from './clock-moved.ts';
import { diskFull } from './disk-full.ts';
import { failover } from './failover.ts';
import { frozenLeader, partitionedLeader } from './frozen-leader.ts';
import { killAtRandom } from './kill-at-random.ts';
import { killAtSteps } from './kill-at-steps.ts';
import { killAtVotes } from './kill-at-votes.ts';
import { messyWebhooks } from './messy-webhooks.ts';
import { rollingRestart } from './rolling-restart.ts';

/** Every scenario, in the order of the table; the longest ones first, so that no lane is left with one at the end. */
export const scenarios: readonly Scenario[] = [
  ...killAtSteps,
  ...killAtRandom,
  apiFaults,
  killAtVotes,
  frozenLeader,
  partitionedLeader,
  failover,
  clockAhead,
  clockBehind,
  diskFull,
  rollingRestart,
  messyWebhooks,
  apiFrozen,
  apiKills,
];
