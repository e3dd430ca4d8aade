import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { leader, takeOver } from '../leader.ts';
import { needsTwo, timeLimitMs, type Scenario, type Site } from '../scenario.ts';
import { calmMix } from '../traffic.ts';

const pushesPerSecond = 5;
/** From the signal to the first work of another replica: a lease that runs out, and one that is given back. */
const promisedMs = { SIGKILL: 20_000, SIGTERM: 3000 } as const;
type Signal = keyof typeof promisedMs;

/** The leader ends, at once or as asked: how long until another replica works. */
export const failover: Scenario = {
  name: 'failover',
  installation: { deployments: 20 },
  skip: needsTwo,
  async run(site) {
    const { rounds } = site.lab.options;
    site.pusher.start(pushesPerSecond, calmMix);
    const took: Record<Signal, number[]> = { SIGKILL: [], SIGTERM: [] };
    for (let n = 0; n < rounds; n++) {
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) took[signal].push(await endLeader(site, signal));
    }
    const signals = Object.entries(took) as [Signal, number[]][];
    return {
      broken: signals.map(([signal, { length }]) => ({ what: signal, count: length, atLeast: rounds })),
      figures: signals.map(([signal, ms]) => `take-over after ${signal} ${seconds(Math.max(...ms))}`),
      violations: signals.flatMap(([signal, all]) =>
        all
          .filter((ms) => ms > timeLimitMs(site.lab, promisedMs[signal]))
          .map((ms) => `take-over after ${signal} took ${seconds(ms)}, not ${seconds(promisedMs[signal])}`),
      ),
    };
  },
};

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Ends the leader, and starts it again only when another one has taken over. */
async function endLeader(site: Site, signal: Signal): Promise<number> {
  const old = await leader(site);
  await pause(site.random.between(1000, 2000));
  const sinceMs = performance.now();
  // Its pod is being deleted: a Service stops sending to it at once, to a killed one when its probe fails.
  if (signal === 'SIGTERM') site.front.remove(old.replica);
  const ended = old.replica.remove(signal);
  const tookMs = await takeOver(site, old, sinceMs);
  await ended;
  old.replica.start();
  await old.replica.ready();
  site.front.add(old.replica);
  return tookMs;
}
