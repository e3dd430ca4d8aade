import { startChild, type Child } from '../child.ts';
import type { BareReading } from '../children/bare-watch.ts';
import { monotonicMs, pause } from '../clock.ts';
import type { Lab } from '../lab.ts';
import type { Service } from '../service.ts';
import { median } from '../statistics.ts';
import { rounds, type Row } from './row.ts';
import { lonelyNames } from './scene.ts';
import { together, type Together } from './together.ts';
import { atRest, watchedSize, type WatchScene } from './watch-scene.ts';

/** Processor time of one event, in microseconds, by who reads it. */
interface EventCost {
  readonly notify: number;
  /** The same client, with what tells one state from another, and nobody who looks at it. */
  readonly read: number;
  /** Without. */
  readonly plain: number;
}

type EventCosts = Together<EventCost>;

/** Of events that change nothing that people are told of. */
export interface IdleEvents {
  /** Of a workload that is well all the time. */
  readonly well: EventCosts;
  /** Of one that loses a pod, and has it again. */
  readonly flapping: EventCosts;
}

type Counts = Readonly<Record<string, number>>;

/** A count that changes, and changes back. */
const terminating: readonly Counts[] = [{ terminatingReplicas: 1 }, { terminatingReplicas: 0 }];
const losing: readonly Counts[] = [
  { readyReplicas: 1, availableReplicas: 1, unavailableReplicas: 1 },
  { readyReplicas: 2, availableReplicas: 2, unavailableReplicas: 0 },
];
const [roundCount, perRound] = [3, 1500];
/** In blocks at this rhythm: a thousand a second. What comes while the last one waits would be looked at once. */
const [block, blockMs] = [50, 50];

type Readers = Readonly<Record<'read' | 'plain', Child>>;
type Measured = WatchScene & { readonly service: Service };

/** The same events, read by all three at the same time. */
export async function measureIdleEvents(lab: Lab, scene: Measured): Promise<IdleEvents> {
  const start = async (traits: 'traits' | 'plain'): Promise<Child> => {
    const variables = { KUBECONFIG: scene.api.kubeconfig };
    const args = [traits, ...watchedSize.namespaces];
    const child = startChild('children/bare-watch.ts', args, lab.cores?.service, variables);
    lab.defer(() => child.stop());
    await child.message();
    return child;
  };
  const readers = { read: await start('traits'), plain: await start('plain') };
  // Until all three have got fast.
  await round(scene, readers, terminating);
  const well = await costs(scene, readers, terminating);
  const flapping = await costs(scene, readers, losing);
  await readers.read.stop();
  await readers.plain.stop();
  return { well, flapping };
}

async function costs(scene: Measured, readers: Readers, course: readonly Counts[]): Promise<EventCosts> {
  const all: EventCost[] = [];
  for (let n = 0; n < roundCount; n++) all.push(await round(scene, readers, course));
  return together(all);
}

async function round(
  { api, service }: Measured,
  readers: Readers,
  course: readonly Counts[],
): Promise<EventCost> {
  const names = lonelyNames(watchedSize, perRound / course.length);
  await reading(readers.read);
  await reading(readers.plain);
  const before = service.processorMs();
  const startedAt = monotonicMs();
  let sent = 0;
  for (const counts of course) {
    for (let from = 0; from < names.length; from += block) {
      await pause(Math.max(0, startedAt + (sent / block) * blockMs - monotonicMs()));
      await api.report(names.slice(from, from + block), counts);
      sent += block;
    }
  }
  await atRest(service);
  const usedMs = service.processorMs() - before;
  return {
    notify: (1000 * usedMs) / perRound,
    read: await reading(readers.read, perRound),
    plain: await reading(readers.plain, perRound),
  };
}

/** Processor time of each event since the last reading. */
async function reading(reader: Child, expected?: number): Promise<number> {
  const { events, processorUs } = (await reader.ask({})) as BareReading;
  if (expected !== undefined && events !== expected)
    throw new Error(`${events} events were read, not ${expected}`);
  return processorUs / events;
}

/** What an event costs that nobody needs. */
export function idleEventRows({ well, flapping }: IdleEvents): readonly Row[] {
  const row = (what: string, cost: readonly number[], { plain }: EventCosts): Row => ({
    ...{ what, unit: 'us', ...rounds(cost, 'highest') },
    reference: { what: 'only read, without traits', value: median(plain) },
  });
  return [
    row('notify: processor time of a status event that changes nothing', well.notify, well),
    row('  of a pod that is lost or comes back', flapping.notify, flapping),
    row('  of the same event only read, with traits', well.read, well),
  ];
}
