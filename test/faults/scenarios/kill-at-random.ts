import { setTimeout as pause } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { calmMix } from '../traffic.ts';

const pushesPerSecond = 8;
/** Shorter than a take-over, longer than a start: so both happen between two kills, and neither always does. */
const gapMs = { least: 300, most: 5000 };
/** This part of the kills waits until the replica is ready again, so that a slow machine kills more than starts. */
const readyFirst = 0.75;

/** SIGKILL at any time, of all replicas in turn, under steady pushes. */
export const killAtRandom: Scenario = {
  name: 'kill-at-random',
  installation: { deployments: 40, broken: 2 },
  async run({ lab, random, pusher, stations, say }) {
    const { kills } = lab.options;
    pusher.start(pushesPerSecond, calmMix);
    for (let n = 0; n < kills; n++) {
      const replica = stations[n % stations.length]?.replica;
      if (random.next() < readyFirst) await replica?.ready();
      await pause(random.between(gapMs.least, gapMs.most));
      await replica?.kill();
      if ((n + 1) % 10 === 0) say(`${n + 1} of ${kills} kills`);
    }
    const killed = stations
      .flatMap(({ replica }) => replica.exits())
      .filter(({ signal }) => signal === 'SIGKILL');
    return { broken: [{ what: 'SIGKILL', count: killed.length, atLeast: kills }], violations: [] };
  },
};
