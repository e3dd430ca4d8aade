import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { leader, takeOver, until, writesWithoutLease } from '../leader.ts';
import { needsTwo, timeLimitMs, type Breakage, type Scenario, type Site } from '../scenario.ts';
import type { Station } from '../station.ts';
import { calmMix } from '../traffic.ts';

const pushesPerSecond = 5;
const awayMs = 25_000;
/** A lease of 15 s, tried for every 2 s and a bit. */
const takeOverMs = 20_000;
/** So long the old leader is watched when it is back. */
const backMs = 5000;

/** Two ways for a leader to be away without knowing it. */
interface Way {
  readonly what: string;
  away(station: Station): void;
  back(station: Station): void;
}

const frozen: Way = {
  what: 'SIGSTOP of the leader',
  away: ({ replica }) => replica.freeze(),
  back: ({ replica }) => replica.thaw(),
};
const partitioned: Way = {
  what: 'partition of the leader',
  away: ({ proxy }) => proxy.partition(true),
  back: ({ proxy }) => proxy.partition(false),
};

/** The leader stops in the middle of its work, and goes on as if no time had passed. */
export const frozenLeader = scenario('frozen-leader', frozen);
/** The leader alone cannot reach the API server, and is asked by registries meanwhile. */
export const partitionedLeader = scenario('partitioned-leader', partitioned);

function scenario(name: string, way: Way): Scenario {
  return {
    name,
    installation: { deployments: 20 },
    skip: needsTwo,
    run: (site) => run(site, way),
  };
}

async function run(site: Site, way: Way): Promise<Breakage> {
  const { pusher, lab } = site;
  pusher.start(pushesPerSecond, calmMix);
  const rounds = [];
  for (let n = 0; n < lab.options.rounds; n++) rounds.push(await once(site, way));
  const worstMs = Math.max(...rounds.map(({ tookMs }) => tookMs));
  return {
    broken: [{ what: way.what, count: rounds.length, atLeast: lab.options.rounds }],
    figures: [`take-over ${(worstMs / 1000).toFixed(1)} s`],
    violations: rounds.flatMap(({ found }) => found),
  };
}

async function once(
  site: Site,
  way: Way,
): Promise<{ readonly tookMs: number; readonly found: readonly string[] }> {
  const old = await leader(site);
  const { name } = old.replica;
  // Work is under way when it happens.
  await pause(site.random.between(1000, 2000));
  const sinceMs = performance.now();
  way.away(old);
  site.say(`${name} is away`);
  const tookMs = await takeOver(site, old, sinceMs);
  await until(sinceMs, awayMs);
  const backAtMs = performance.now();
  way.back(old);
  await until(backAtMs, backMs);
  const late = writesWithoutLease(site, old, backAtMs);
  await old.replica.ready();
  return {
    tookMs,
    found: [
      ...(tookMs > timeLimitMs(site.lab, takeOverMs)
        ? [`take-over from ${name} took ${(tookMs / 1000).toFixed(1)} s`]
        : []),
      ...late.map(
        ({ call }) => `${name} wrote without the lease: ${call.verb} ${call.resource} ${call.name}`,
      ),
    ],
  };
}
