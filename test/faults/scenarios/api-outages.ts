import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiServerControl } from '../../cluster/api-server.ts';
import { spread } from '../counts.ts';
import { acknowledgementTimes } from '../invariants/answers.ts';
import type { Lab } from '../lab.ts';
import type { Breakage, Scenario, Site } from '../scenario.ts';
import type { Sample } from '../service-front.ts';
import { helpStuckRollouts } from '../stuck-rollouts.ts';
import { calmMix } from '../traffic.ts';

const pushesPerSecond = 8;
const upMs = { least: 2000, most: 5000 };
const downMs = { least: 1000, most: 4000 };

/** A way for the API server to be away. */
interface Way {
  readonly what: string;
  away(server: ApiServerControl): Promise<void>;
  back(server: ApiServerControl): Promise<void>;
}

/** Connections are refused. */
const killed: Way = {
  what: 'API server SIGKILL',
  away: (server) => server.kill('SIGKILL'),
  back: (server) => server.start(),
};
/** Connections are taken, and nothing is answered. */
const frozen: Way = {
  what: 'API server SIGSTOP',
  away: (server) => server.kill('SIGSTOP'),
  back: (server) => server.kill('SIGCONT'),
};

/** SIGKILL of the API server under pushes, again and again: they are acknowledged meanwhile. */
export const apiKills = scenario('api-kills', killed, ({ options }) => options.apiKills);
/** The same with an API server that hangs. */
export const apiFrozen = scenario('api-frozen', frozen, ({ options }) => options.rounds);

function scenario(name: string, way: Way, times: (lab: Lab) => number): Scenario {
  return {
    ...{ name, alone: true, installation: { deployments: 40 } },
    run: (site) => run(site, way, times(site.lab)),
  };
}

async function run(site: Site, way: Way, times: number): Promise<Breakage> {
  const { random, pusher, say } = site;
  pusher.start(pushesPerSecond, calmMix);
  const away: (readonly Sample[])[] = [];
  for (let n = 1; n <= times; n++) {
    await pause(random.between(upMs.least, upMs.most));
    away.push(await outage(site, way, random.between(downMs.least, downMs.most)));
    if (n % 5 === 0 || n === times) say(`${way.what} ${n} of ${times}`);
  }
  await pause(upMs.least);
  await pusher.stop();
  await helpStuckRollouts(site);
  const evidence = await site.evidence();
  const answered = acknowledgementTimes({ ...evidence, samples: away.flat() });
  return {
    broken: [
      { what: way.what, count: away.length, atLeast: times },
      { what: 'fewest acked while it was away', count: Math.min(...away.map(acked)), atLeast: 1 },
    ],
    figures: [`acked while it was away: ${spread(answered)}`],
    violations: [],
  };
}

/** What was answered while there was no API server. */
async function outage({ lab, front }: Site, way: Way, ms: number): Promise<readonly Sample[]> {
  await way.away(lab.cluster.apiServer);
  const fromMs = performance.now();
  await pause(ms);
  const toMs = performance.now();
  await way.back(lab.cluster.apiServer);
  return front
    .samples()
    .filter(({ startedAtMs, tookMs }) => startedAtMs > fromMs && startedAtMs + tookMs < toMs);
}

function acked(samples: readonly Sample[]): number {
  return samples.filter(({ result }) => typeof result === 'number' && result < 300).length;
}
