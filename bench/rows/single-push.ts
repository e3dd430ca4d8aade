import { z } from 'zod';
import type { BarePatches } from '../children/bare-patch.ts';
import { monotonicMs, pause } from '../clock.ts';
import { ownRepository } from '../fake-api/deployment.ts';
import { median } from '../statistics.ts';
import { atMost, spread, type Row } from './row.ts';
import { counted, lonelyNames, nextTag, type Scene } from './scene.ts';

/** Times of single pushes, each with an idle service before it. */
export interface SinglePushes {
  readonly workloads: number;
  /** Push sent → its PATCH at the API server. */
  readonly patchMs: readonly number[];
  /** Push sent → answered. */
  readonly answerMs: readonly number[];
  /** Last pod ready → outgoing webhook at its receiver. */
  readonly webhookMs: readonly number[];
  /** A PATCH of the same client → at the API server. */
  readonly bareMs: readonly number[];
}

const [warmUp, blocks, perBlock] = [80, 5, 40];
/** Long enough for everything that a push sets off to be over. */
const idleMs = 10;

/** Bare PATCHes and pushes in turn, so that a busy spell of the machine meets both. */
export async function measureSinglePushes(scene: Scene): Promise<SinglePushes> {
  const names = lonelyNames(scene, warmUp);
  await barePatches(scene, names);
  await pushes(scene, names);
  const bareMs: number[] = [];
  const pushed: Awaited<ReturnType<typeof push>>[] = [];
  for (let block = 0; block < blocks; block++) {
    const own = lonelyNames(scene, blocks * perBlock).slice(block * perBlock, (block + 1) * perBlock);
    bareMs.push(...(await barePatches(scene, own)));
    pushed.push(...(await pushes(scene, own)));
  }
  return {
    ...{ workloads: scene.workloads, bareMs },
    patchMs: pushed.map(({ patchMs }) => patchMs),
    answerMs: pushed.map(({ answerMs }) => answerMs),
    webhookMs: pushed.map(({ webhookMs }) => webhookMs),
  };
}

async function pushes(scene: Scene, names: readonly string[]): Promise<Awaited<ReturnType<typeof push>>[]> {
  const results = [];
  for (const name of names) results.push(await push(scene, name));
  return results;
}

/** One push, followed to the outgoing webhook. */
async function push(
  { pusher, api, receiver }: Scene,
  name: string,
): Promise<{ patchMs: number; answerMs: number; webhookMs: number }> {
  const webhook = receiver.expect([name]);
  await pause(idleMs);
  const sentAt = monotonicMs();
  await pusher.push(ownRepository(name), nextTag());
  const answerMs = monotonicMs() - sentAt;
  const [patch] = await api.patches(1);
  if (patch?.name !== name) throw new Error(`the PATCH was of ${patch?.name ?? 'nothing'}, not of ${name}`);
  await pause(idleMs);
  const readyAt = await api.complete([name]);
  const webhookMs = ((await webhook).get(name) ?? NaN) - readyAt;
  return { patchMs: patch.arrivedAt - sentAt, answerMs, webhookMs };
}

async function barePatches({ bare, api }: Scene, names: readonly string[]): Promise<readonly number[]> {
  // In the small cluster a Deployment comes up again and again: its next version is known only after its PATCH.
  const rounds = Map.groupBy(names.entries(), ([n]) => Math.floor(n / 10));
  const times: number[] = [];
  for (const round of rounds.values()) {
    const own = round.map(([, name]) => name);
    const asked: BarePatches = { names: own, concurrency: 1, pauseMs: idleMs };
    const sent = z.array(z.number()).parse(await bare.ask(asked));
    const arrivals = await api.patches(own.length);
    times.push(...arrivals.map(({ arrivedAt }, n) => arrivedAt - (sent[n] ?? NaN)));
  }
  return times;
}

/** What is on top of a bare PATCH, at each size. */
export function patchRows(measured: readonly SinglePushes[]): readonly Row[] {
  const rows = measured.map(({ workloads, patchMs, bareMs }): Row => {
    const bare = median(bareMs);
    const { value, worst } = spread(patchMs);
    return {
      what: `push -> PATCH, minus a bare PATCH, ${counted(workloads)} workloads`,
      ...{ unit: 'ms', value: value - bare, worst: worst - bare, target: atMost(3) },
      reference: { what: 'bare PATCH, same client', value: bare },
    };
  });
  const overBare = measured.map(({ patchMs, bareMs }) => median(patchMs) / median(bareMs));
  // Both sizes beside a bare PATCH of the same minute: the machine may have become slower in between.
  const [small = NaN, large = NaN] = [overBare.at(0), overBare.at(-1)];
  const growth: Row = {
    what: 'push -> PATCH over bare PATCH, large over small',
    ...{ unit: 'x', value: large / small, target: atMost(1.3) },
  };
  return [...rows, growth];
}

/** The way from the last ready pod to the pipeline that is told, and the answer to the registry. */
export function webhookRows(measured: readonly SinglePushes[]): readonly Row[] {
  const webhooks = measured.map(({ workloads, webhookMs, bareMs }): Row => {
    const reference = { what: 'bare PATCH, same client', value: median(bareMs) };
    const what = `last pod ready -> webhook out, ${counted(workloads)} workloads`;
    return { what, unit: 'ms', ...spread(webhookMs), reference, target: atMost(100) };
  });
  const answers = measured.map(({ workloads, answerMs, bareMs }): Row => {
    const reference = { what: 'bare PATCH, same client', value: median(bareMs) };
    return {
      what: `push -> answer, ${counted(workloads)} workloads`,
      unit: 'ms',
      ...spread(answerMs),
      reference,
    };
  });
  return [...webhooks, ...answers];
}
