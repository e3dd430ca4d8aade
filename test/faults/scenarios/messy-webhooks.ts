import { setTimeout as pause } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { messyMix, type PushKind } from '../traffic.ts';

const pushesPerSecond = 15;
const roundMs = 12_000;
const fewest = 5;

/** A registry that repeats itself, mixes up the order, and comes late with what is old: nothing else is broken. */
export const messyWebhooks: Scenario = {
  name: 'messy-webhooks',
  installation: { deployments: 25, broken: 3 },
  async run({ lab, pusher }) {
    pusher.start(pushesPerSecond, messyMix);
    await pause(roundMs * lab.options.rounds);
    await pusher.stop();
    const sent = Map.groupBy(pusher.pushes(), ({ kind }) => kind);
    const kinds: readonly PushKind[] = ['duplicate', 'older', 'swapped', 'late'];
    return {
      broken: kinds.map((what) => ({ what, count: sent.get(what)?.length ?? 0, atLeast: fewest })),
      violations: [],
    };
  },
};
