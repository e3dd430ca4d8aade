import type { Child } from '../child.ts';
import type { Steady } from '../children/steady.ts';
import { pause } from '../clock.ts';
import type { Cores } from '../cores.ts';
import type { OpenLoopResult } from '../open-loop.ts';
import { watchLoad, type Load } from '../real-cluster/load.ts';
import { countRecords } from '../real-cluster/records.ts';
import type { Cluster } from '../real-cluster/open.ts';
import type { Service } from '../service.ts';

/** A service over a real cluster, and the one that pushes. */
export interface RealScene {
  readonly cluster: Cluster;
  readonly cores: Cores | undefined;
  /** Of the targets. */
  readonly repositories: readonly string[];
  readonly generator: Child;
}

/** What came of pushes at a steady rate, each of which is to be a new record. */
export interface SteadyPushes extends OpenLoopResult {
  readonly offered: number;
  /** Answered 202 from the service's disk, and not in the store 300 ms after the push. */
  readonly spooled: number;
  readonly load: Load;
}

const spooledMessage = 'the store is away: spooled';
/** By then the log lines of all answers are here. */
const logDelayMs = 500;

/**
 * Pushes for so long at a rate.
 *
 * @throws Error when a push that was answered 202 is recorded nowhere.
 */
export async function pushSteadily(
  { cluster, cores, repositories, generator }: RealScene,
  service: Service,
  perSecond: number,
  ms: number,
): Promise<SteadyPushes> {
  const asked: Steady = { url: service.url, path: service.webhookPath, repositories, perSecond, ms };
  const before = { records: await countRecords(cluster), spooled: service.logged(spooledMessage) };
  const loadSince = watchLoad(service, cores);
  const result = (await generator.ask(asked)) as OpenLoopResult;
  const answered = result.answerMs.length;
  const load = loadSince(answered);
  await pause(logDelayMs);
  const spooled = service.logged(spooledMessage) - before.spooled;
  const recorded = (await countRecords(cluster)) - before.records;
  if (recorded < answered - spooled) {
    throw new Error(`${answered} pushes were answered 202, ${spooled} spooled, only ${recorded} recorded`);
  }
  return { ...result, offered: perSecond, spooled, load };
}
