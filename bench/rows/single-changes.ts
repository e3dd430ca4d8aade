import { pause } from '../clock.ts';
import { median } from '../statistics.ts';
import { atMost, spread, type Row } from './row.ts';
import { counted, lonelyNames, nextTag } from './scene.ts';
import { barePosts, watchedSize, type WatchScene } from './watch-scene.ts';

/** Rollouts one at a time, each with an idle process before it. */
export interface SingleChanges {
  /** The event that ends a rollout, sent → the webhook at its receiver. */
  readonly webhookMs: readonly number[];
  /** A POST of the same client → at the same receiver. */
  readonly bareMs: readonly number[];
}

const [warmUp, blocks, perBlock] = [20, 5, 40];
/** Long enough for everything that an event sets off to be over. */
const idleMs = 10;

/** Bare POSTs and rollouts in turn, so that a busy spell of the machine meets both. */
export async function measureSingleChanges(scene: WatchScene): Promise<SingleChanges> {
  const names = lonelyNames(watchedSize, blocks * perBlock);
  const [bareMs, webhookMs]: [number[], number[]] = [[], []];
  const pace = { concurrency: 1, pauseMs: idleMs };
  await barePosts(scene, names.slice(0, warmUp), pace);
  for (const name of lonelyNames(watchedSize, warmUp)) await rollout(scene, name);
  for (let block = 0; block < blocks; block++) {
    const own = names.slice(block * perBlock, (block + 1) * perBlock);
    bareMs.push(...(await barePosts(scene, own, pace)).eachMs);
    for (const name of own) webhookMs.push(await rollout(scene, name));
  }
  return { webhookMs, bareMs };
}

async function rollout({ api, receiver }: WatchScene, name: string): Promise<number> {
  await api.setImages([name], nextTag());
  await pause(idleMs);
  const webhook = receiver.expect([name]);
  const endedAt = await api.complete([name]);
  const arrivedAt = (await webhook).get(name) ?? NaN;
  await pause(idleMs);
  return arrivedAt - endedAt;
}

/** The way from the cluster to the people. */
export function singleChangeRows({ webhookMs, bareMs }: SingleChanges): readonly Row[] {
  return [
    {
      what: `notify: rollout ended -> webhook out, ${counted(watchedSize.workloads)} workloads`,
      ...{ unit: 'ms', ...spread(webhookMs), target: atMost(50) },
      reference: { what: 'bare POST, same client', value: median(bareMs) },
    },
  ];
}
