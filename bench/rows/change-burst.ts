import { pause } from '../clock.ts';
import { median } from '../statistics.ts';
import { rounds, type Row } from './row.ts';
import { counted, lonelyNames, nextTag } from './scene.ts';
import { barePosts, watchedSize, type WatchScene } from './watch-scene.ts';

/** Rounds of many rollouts that end at once. */
export interface ChangeBursts {
  /** The last of the events that end them, sent → the last webhook at its receiver. */
  readonly lastMs: readonly number[];
  /** First bare POST asked for → last one at the receiver. */
  readonly bareMs: readonly number[];
}

const [roundCount, burst] = [5, 300];
/** As many at once as a notifier is told. */
const bareConcurrency = 8;
const settleMs = 300;

/** Every round: as many bare POSTs, then the rollouts; the first is not counted. */
export async function measureChangeBursts(scene: WatchScene): Promise<ChangeBursts> {
  await round(scene);
  const results: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 0; n < roundCount; n++) results.push(await round(scene));
  return { lastMs: results.map(({ lastMs }) => lastMs), bareMs: results.map(({ bareMs }) => bareMs) };
}

async function round(scene: WatchScene): Promise<{ readonly lastMs: number; readonly bareMs: number }> {
  const { api, receiver } = scene;
  const names = lonelyNames(watchedSize, burst);
  const { allMs: bareMs } = await barePosts(scene, names, { concurrency: bareConcurrency, pauseMs: 0 });
  await api.setImages(names, nextTag());
  await pause(settleMs);
  const webhooks = receiver.expect(names);
  const endedAt = await api.complete(names);
  const lastMs = Math.max(...(await webhooks).values()) - endedAt;
  await pause(settleMs);
  return { lastMs, bareMs };
}

/** How long the last of many waits. */
export function changeBurstRows({ lastMs, bareMs }: ChangeBursts): readonly Row[] {
  const reference = { what: `${burst} bare POSTs, ${bareConcurrency} at once`, value: median(bareMs) };
  return [
    {
      what: `notify: last of ${burst} rollouts ended -> last webhook out, ${counted(watchedSize.workloads)} workloads`,
      ...{ unit: 'ms', ...rounds(lastMs, 'highest'), reference },
    },
  ];
}
