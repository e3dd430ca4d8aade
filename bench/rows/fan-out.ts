import { z } from 'zod';
import type { BarePatches } from '../children/bare-patch.ts';
import { monotonicMs, pause } from '../clock.ts';
import { sharedRepository } from '../fake-api/deployment.ts';
import { median } from '../statistics.ts';
import { atMost, rounds, type Row } from './row.ts';
import { counted, nextTag, sharedNames, type Scene } from './scene.ts';

/** Rounds of one push that moves many Deployments. */
export interface FanOut {
  readonly workloads: number;
  readonly matched: number;
  /** Push sent → answered. */
  readonly answerMs: readonly number[];
  /** Push sent → first and last PATCH at the API server. */
  readonly firstMs: readonly number[];
  readonly lastMs: readonly number[];
  /** First bare PATCH asked for → last one at the API server. */
  readonly bareMs: readonly number[];
  /** Last pod ready → last outgoing webhook at its receiver. */
  readonly webhooksMs: readonly number[];
}

const roundCount = 5;
/** As many at once as the service has under way. */
const bareConcurrency = 16;
const settleMs = 300;

/** Every round: as many bare PATCHes, then one push, then the end of all its rollouts. */
export async function measureFanOut(scene: Scene): Promise<FanOut> {
  const results: Awaited<ReturnType<typeof round>>[] = [];
  await round(scene);
  for (let n = 0; n < roundCount; n++) results.push(await round(scene));
  return {
    ...{ workloads: scene.workloads, matched: scene.shared },
    answerMs: results.map(({ answerMs }) => answerMs),
    firstMs: results.map(({ firstMs }) => firstMs),
    lastMs: results.map(({ lastMs }) => lastMs),
    bareMs: results.map(({ bareMs }) => bareMs),
    webhooksMs: results.map(({ webhooksMs }) => webhooksMs),
  };
}

async function round(
  scene: Scene,
): Promise<{ answerMs: number; firstMs: number; lastMs: number; bareMs: number; webhooksMs: number }> {
  const { pusher, api, receiver } = scene;
  const names = sharedNames(scene);
  const bareMs = await barePatches(scene, names);
  await pause(settleMs);
  const webhooks = receiver.expect(names);
  const sentAt = monotonicMs();
  const updates = await pusher.push(sharedRepository, nextTag());
  const answerMs = monotonicMs() - sentAt;
  if (updates !== names.length) throw new Error(`one push made ${updates} updates, not ${names.length}`);
  const arrivals = (await api.patches(names.length)).map(({ arrivedAt }) => arrivedAt);
  await pause(settleMs);
  const readyAt = await api.complete(names);
  const webhooksMs = Math.max(...(await webhooks).values()) - readyAt;
  await pause(settleMs);
  return {
    ...{ answerMs, bareMs, webhooksMs },
    firstMs: Math.min(...arrivals) - sentAt,
    lastMs: Math.max(...arrivals) - sentAt,
  };
}

async function barePatches({ bare, api }: Scene, names: readonly string[]): Promise<number> {
  const asked: BarePatches = { names, concurrency: bareConcurrency, pauseMs: 0 };
  const sent = z.array(z.number()).parse(await bare.ask(asked));
  const arrivals = await api.patches(names.length);
  return Math.max(...arrivals.map(({ arrivedAt }) => arrivedAt)) - Math.min(...sent);
}

/** One push, many PATCHes, many outgoing webhooks. */
export function fanOutRows(measured: FanOut): readonly Row[] {
  const of = `${measured.matched} of ${counted(measured.workloads)} workloads`;
  const reference = {
    what: `${measured.matched} bare PATCHes, ${bareConcurrency} at once`,
    value: median(measured.bareMs),
  };
  const row = (what: string, sample: readonly number[]): Row => ({
    ...{ what: `${what}, ${of}`, unit: 'ms', ...rounds(sample, 'highest'), reference },
  });
  return [
    { ...row('one push -> last PATCH', measured.lastMs), target: atMost(3000) },
    { ...row('one push -> first PATCH', measured.firstMs), target: atMost(3000) },
    row('one push -> answer', measured.answerMs),
    row('last pod ready -> last webhook out', measured.webhooksMs),
  ];
}
