import { loadavg } from 'node:os';
import { startApi } from './api.ts';
import { startChild, type Child } from './child.ts';
import { monotonicMs } from './clock.ts';
import { openLab, type Lab } from './lab.ts';
import { createPusher } from './pusher.ts';
import { startReceiver, type Receiver } from './receiver.ts';
import { measureDisk } from './rows/disk.ts';
import { fanOutRows, measureFanOut } from './rows/fan-out.ts';
import { isMet, type Row } from './rows/row.ts';
import type { Scene } from './rows/scene.ts';
import { measureSinglePushes, patchRows, webhookRows } from './rows/single-push.ts';
import { measureStartUps, startUpRows } from './rows/start-up.ts';
import { measureFloods, startBareServer, startGenerator, untrackedRows } from './rows/untracked.ts';
import { entryPoint } from './service.ts';
import { median } from './statistics.ts';
import { tableOf } from './table.ts';

/** Sizes of the cluster; in the large one some Deployments run the same image. */
const sizes = [
  { workloads: 10, shared: 0 },
  { workloads: 5000, shared: 300 },
];

/** A server that is flooded uses all of its core; below this part of it, others took the rest. */
const busyShare = 0.85;

/** What both sizes are measured with. */
interface Tools {
  readonly receiver: Receiver;
  readonly generator: Child;
  readonly bareServer: Awaited<ReturnType<typeof startBareServer>>;
}

/** Everything that is measured at one size. */
async function measure(
  lab: Lab,
  { receiver, generator, bareServer }: Tools,
  { workloads, shared }: (typeof sizes)[number],
) {
  const api = await startApi(lab, workloads, shared);
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

async function measureAll(lab: Lab): Promise<readonly Row[]> {
  const receiver = await startReceiver();
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

/** Says on standard error what takes so long; standard output is the table's. */
async function progress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = monotonicMs();
  const result = await work();
  console.error(`${what}: ${((monotonicMs() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}

function surroundings({ cores, filesystem }: Lab): string {
  const pinned = cores
    ? `service on core ${cores.service}, everything else on core ${cores.others}`
    : 'NOT pinned to cores: the rates are not those of one core';
  const load = loadavg().map((value) => value.toFixed(1));
  return [
    `node ${process.versions.node}, node ${entryPoint()}; ${pinned}`,
    `store: sqlite on ${filesystem}; load average ${load.join(' ')}`,
  ].join('\n');
}

const lab = openLab();
const stopping = new AbortController();
const interrupted = (): void => {
  stopping.abort();
  void lab.close().finally(() => process.exit(130));
};
process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
try {
  const rows = await measureAll(lab);
  const missed = rows.filter((row) => !isMet(row)).length;
  console.log(surroundings(lab));
  console.log(tableOf(rows));
  console.log(missed === 0 ? 'every target met' : `targets missed: ${missed}`);
} catch (error) {
  if (!stopping.signal.aborted) console.error('the bench could not measure:', error);
  process.exitCode = 1;
} finally {
  await lab.close();
}
