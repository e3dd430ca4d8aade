import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../cluster/wait-for.ts';
import { takeOver } from '../leader.ts';
import type { Breakage, Scenario, Site } from '../scenario.ts';
import { calmMix } from '../traffic.ts';

const pushesPerSecond = 5;
const movedSeconds = 600;
const toldMs = 30_000;
/** The replica whose clock is moved. */
const moved = 'replica-1';
/** Debian's package `faketime`, of whatever machine. */
const libraries = ['x86_64', 'aarch64'].map(
  (machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`,
);
const library = libraries.find((path) => existsSync(path));

export const clockAhead = scenario('clock-ahead', `+${movedSeconds}s`);
export const clockBehind = scenario('clock-behind', `-${movedSeconds}s`);

/** One replica lives ten minutes in the future, or in the past; each in turn has to go on with the other's work. */
function scenario(name: string, offset: string): Scenario {
  return {
    name,
    installation: {
      deployments: 20,
      environment: (replica) =>
        replica === moved ? { LD_PRELOAD: library ?? '', FAKETIME: offset, DONT_FAKE_MONOTONIC: '1' } : {},
    },
    allowance: { skewSeconds: movedSeconds },
    skip: () => (library === undefined ? 'needs the Debian package faketime' : undefined),
    run,
  };
}

async function run(site: Site): Promise<Breakage> {
  site.pusher.start(pushesPerSecond, calmMix);
  const { stations } = site;
  let turns = 0;
  for (const station of stations) {
    await pause(2000);
    const sinceMs = performance.now();
    await station.replica.remove('SIGKILL');
    // The others take over what it had begun; without others it goes on itself.
    if (stations.length > 1) await takeOver(site, station, sinceMs);
    station.replica.start();
    await station.replica.ready();
    turns++;
  }
  const byMoved = (): number =>
    site.receiver.told().filter(({ skewSeconds }) => Math.abs(skewSeconds) > movedSeconds / 2).length;
  await waitFor('a webhook of the moved clock', toldMs, () =>
    Promise.resolve(byMoved() > 0 ? true : undefined),
  ).catch(() => undefined);
  return {
    broken: [
      { what: 'told by a moved clock', count: byMoved(), atLeast: 1 },
      { what: 'turns', count: turns, atLeast: stations.length },
    ],
    violations: [],
  };
}
