import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../cluster/wait-for.ts';
import { needsTwo, type Scenario, type Site } from '../scenario.ts';
import type { Station } from '../station.ts';
import { calmMix } from '../traffic.ts';

const pushesPerSecond = 20;
/** What `preStop: sleep` waits, so that no Service sends to it any more. */
const preStopMs = 2000;
const readyMs = 60_000;

/** The service's own update: every replica is replaced, the new one first, and no webhook is turned away. */
export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  installation: { deployments: 30 },
  skip: needsTwo,
  async run(site) {
    const { lab, pusher, front } = site;
    pusher.start(pushesPerSecond, calmMix);
    const violations: string[] = [];
    let replaced = 0;
    for (let round = 1; round <= lab.options.rounds; round++) {
      const old = site.stations.filter(({ replica }) => replica.running());
      for (const station of old) {
        violations.push(...(await replace(site, station, `${station.replica.name.slice(0, 9)}-r${round}`)));
        replaced++;
      }
    }
    await pause(1000);
    await pusher.stop();
    const refused = front.samples().filter(({ result }) => typeof result !== 'number' || result >= 300);
    return {
      broken: [{ what: 'replaced', count: replaced, atLeast: 2 * lab.options.rounds }],
      figures: [`${refused.length} webhooks not taken`],
      violations: [
        ...violations,
        ...refused.map(({ replica, result }) => `a webhook was not taken: ${replica} ${result}`),
      ],
    };
  },
};

async function replace(site: Site, old: Station, name: string): Promise<readonly string[]> {
  const { front } = site;
  const { replica } = await site.addStation(name);
  front.add(replica);
  await waitFor(`${name} behind the Service`, readyMs, () =>
    Promise.resolve(front.readyNow().includes(name) ? true : undefined),
  );
  front.remove(old.replica);
  await pause(preStopMs);
  await old.replica.remove('SIGTERM');
  const code = old.replica.exits().at(-1)?.code;
  return code === 0 ? [] : [`${old.replica.name} ended with ${code ?? 'a signal'} after SIGTERM`];
}
