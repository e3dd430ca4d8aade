import { setTimeout as pause } from 'node:timers/promises';
import { leader } from '../leader.ts';
import type { Replica } from '../replica.ts';
import type { Breakage, Scenario, Site } from '../scenario.ts';
import { calmMix } from '../traffic.ts';

/** Most of the time is waiting for leases to run out: installations that share the kills wait at the same time. */
const shares = 4;
const pushesPerSecond = 4;
const gapMs = { least: 300, most: 5000 };
/** This part of the kills hits the replica that leads, at work. The others hit anyone at any time, also at the start. */
const leaders = 0.5;

/** SIGKILL at any time under steady pushes. */
export const killAtRandom: readonly Scenario[] = Array.from({ length: shares }, (_, share) => ({
  name: `kill-at-random-${share + 1}`,
  installation: { deployments: 20, broken: 1 },
  run: (site) => run(site, Math.floor((site.lab.options.kills + share) / shares)),
}));

async function run(site: Site, kills: number): Promise<Breakage> {
  const { random, pusher, stations, say } = site;
  pusher.start(pushesPerSecond, calmMix);
  let leading = 0;
  for (let n = 1; n <= kills; n++) {
    // Begins with a leader, so that even a short run kills one.
    const wanted = n === 1 || random.next() < leaders;
    const victim = wanted ? await whoWorks(site) : random.pick(stations).replica;
    await pause(random.between(gapMs.least, gapMs.most));
    if (wanted) leading++;
    await victim.kill();
    if (n % 10 === 0 || n === kills) say(`${n} of ${kills} kills`);
  }
  const killed = stations
    .flatMap(({ replica }) => replica.exits())
    .filter(({ signal }) => signal === 'SIGKILL');
  return {
    broken: [
      { what: 'SIGKILL', count: killed.length, atLeast: kills },
      { what: 'of the leader', count: leading, atLeast: Math.min(kills, 1) },
    ],
    violations: [],
  };
}

/** The one that leads; where a replica is alone with its file, that one, when it is ready. */
async function whoWorks(site: Site): Promise<Replica> {
  const [first] = site.stations;
  if (site.lab.options.store === 'kubernetes' || !first) return (await leader(site)).replica;
  await first.replica.ready();
  return first.replica;
}
