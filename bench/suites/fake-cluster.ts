import { z } from 'zod';
import { startApi } from '../api.ts';
import { startChild, type Child } from '../child.ts';
import type { Lab } from '../lab.ts';
import { progress } from '../progress.ts';
import { createPusher } from '../pusher.ts';
import { startReceiver, type Receiver } from '../receiver.ts';
import { measureDisk } from '../rows/disk.ts';
import { fanOutRows, measureFanOut } from '../rows/fan-out.ts';
import type { Row } from '../rows/row.ts';
import type { Scene } from '../rows/scene.ts';
import { measureSinglePushes, patchRows, webhookRows } from '../rows/single-push.ts';
import { measureStartUps, startUpRows } from '../rows/start-up.ts';
import { measureFloods, startBareServer, startGenerator, untrackedRows } from '../rows/untracked.ts';
import { median } from '../statistics.ts';

/** Sizes of the cluster; in the large one some Deployments run the same image. */
const sizes = [
  { workloads: 10, shared: 0 },
  { workloads: 5000, shared: 300 },
];

/** Body of the outgoing webhook. */
const Ended = z.object({ repository: z.string(), status: z.literal('succeeded') });

/** A server that is flooded uses all of its core; below this part of it, others took the rest. */
const busyShare = 0.85;

/** What both sizes are measured with. */
interface Tools {
  readonly receiver: Receiver;
  readonly generator: Child;
  readonly bareServer: Awaited<ReturnType<typeof startBareServer>>;
}

/** The service alone: a fake API server that costs nothing, updates in SQLite. */
export async function measureOnFakeCluster(lab: Lab): Promise<readonly Row[]> {
  const receiver = await startReceiver((body) => Ended.parse(body).repository);
  lab.defer(() => receiver.close());
  const tools: Tools = { receiver, generator: startGenerator(lab), bareServer: await startBareServer(lab) };
  const results: Awaited<ReturnType<typeof measure>>[] = [];
  for (const size of sizes) results.push(await measure(lab, tools, size));
  const share = Math.min(...results.map(({ floods }) => median(floods.service.share)));
  if (share < busyShare) {
    console.log(
      `BUSY MACHINE: others ran on the service's core, it had ${share.toFixed(2)} of it. Read the ratios.`,
    );
  }
  return [
    ...patchRows(results.map(({ pushes }) => pushes)),
    ...untrackedRows(results),
    ...results.flatMap(({ fanOut }) => (fanOut ? fanOutRows(fanOut) : [])),
    ...webhookRows(results.map(({ pushes }) => pushes)),
    ...startUpRows(
      results.map(({ startUps }) => startUps),
      results.map(({ residentAtEnd }) => residentAtEnd),
    ),
    await measureDisk(lab),
  ];
}

/** Everything that is measured at one size. */
async function measure(
  lab: Lab,
  { receiver, generator, bareServer }: Tools,
  { workloads, shared }: (typeof sizes)[number],
) {
  const api = await startApi(lab, { workloads, shared, namespaces: ['default'] });
  const startUps = await progress(`${workloads} workloads: start`, () =>
    measureStartUps(lab, api, receiver.url, workloads),
  );
  const { service } = startUps;
  const bare = startChild('children/bare-patch.ts', [], lab.cores?.service, { KUBECONFIG: api.kubeconfig });
  lab.defer(() => bare.stop());
  const pusher = createPusher(service);
  const scene: Scene = { workloads, shared, api, service, pusher, receiver, bare };
  const pushes = await progress('single pushes', () => measureSinglePushes(scene));
  const fanOut = shared > 0 ? await progress('one push for many', () => measureFanOut(scene)) : undefined;
  const floods = await progress('untracked pushes', () => measureFloods(generator, scene, bareServer));
  const residentAtEnd = service.residentMiB();
  await pusher.close();
  await bare.stop();
  await service.stop();
  await api.stop();
  return { workloads, startUps, pushes, fanOut, floods, residentAtEnd };
}
