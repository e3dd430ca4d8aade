import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../cluster/wait-for.ts';
import type { Breakage, Scenario, Site } from '../scenario.ts';
import { empty, fill, whyNoSmallDisk } from '../small-disk.ts';
import { calmMix } from '../traffic.ts';

const pushesPerSecond = 5;
const refusedMs = 60_000;
const fewestRefused = 5;

/** No disk and no API server: then, and only then, a webhook is turned away, and leaves nothing behind. */
export const diskFull: Scenario = {
  name: 'disk-full',
  installation: { deployments: 10, smallDisk: true },
  skip: ({ reaper }) => whyNoSmallDisk(reaper.folder),
  async run(site) {
    const { rounds } = site.lab.options;
    const refused: string[] = [];
    const violations: string[] = [];
    for (let n = 0; n < rounds; n++) {
      const round = await once(site);
      refused.push(...round.refused);
      violations.push(...round.violations);
    }
    return {
      broken: [{ what: 'turned away', count: refused.length, atLeast: fewestRefused * rounds }],
      violations,
    };
  },
};

async function once(
  site: Site,
): Promise<{ readonly refused: readonly string[]; readonly violations: Breakage['violations'] }> {
  const { pusher, stations, lab } = site;
  pusher.start(pushesPerSecond, calmMix);
  await pause(2000);
  await pusher.stop();
  stations.forEach(({ dataFolder }) => fill(dataFolder));
  // With an API server nobody needs the disk.
  const violations = lab.options.store === 'kubernetes' ? await mustBeTaken(site) : [];
  stations.forEach(({ proxy }) => proxy.partition(true));
  const refused = await refusals(site);
  stations.forEach(({ proxy }) => proxy.partition(false));
  stations.forEach(({ dataFolder }) => empty(dataFolder));
  await pause(2000);
  const { records } = await site.evidence();
  const halfDone = refused.filter((push) =>
    records.some(({ deployment, tag }) => `${deployment} ${tag}` === push),
  );
  pusher.start(pushesPerSecond, calmMix);
  await pause(3000);
  await pusher.stop();
  return {
    refused,
    violations: [...violations, ...halfDone.map((push) => `${push} was turned away and is recorded`)],
  };
}

async function mustBeTaken({ pusher, traffic, deployments: [first = ''] }: Site): Promise<readonly string[]> {
  const { status } = await pusher.once(first, traffic.newTag(first));
  return status === 202 ? [] : [`a full disk alone: a webhook was answered ${status ?? 'nothing'}`];
}

/** Pushes that were answered 503; SQLite may find room for some in the files that it has. */
async function refusals({ pusher, traffic, random, deployments }: Site): Promise<readonly string[]> {
  const refused: string[] = [];
  await waitFor('webhooks to be turned away', refusedMs, async () => {
    const deployment = random.pick(deployments);
    const tag = traffic.newTag(deployment);
    const { status } = await pusher.once(deployment, tag);
    if (status === 503) refused.push(`${deployment} ${tag}`);
    return refused.length >= fewestRefused ? true : undefined;
  });
  return refused;
}
