import { z } from 'zod';
import { startChild, type Child } from '../child.ts';
import type { Load, LoadResult } from '../children/load.ts';
import type { Lab } from '../lab.ts';
import { processorMs } from '../proc.ts';
import { median } from '../statistics.ts';
import { atLeast, rounds, type Row } from './row.ts';
import { counted, type Scene } from './scene.ts';

/** Rounds of pushes for images that nobody runs, against one server. */
export interface Flood {
  readonly perSecond: readonly number[];
  /** Time to the answer, median of each round. */
  readonly answerMs: readonly number[];
  /** Processor time of the server per push. */
  readonly processorUs: readonly number[];
  /** Part of the time that the server had its core, 1 = all of it. */
  readonly share: readonly number[];
}

/** The service's, and the bare server's in the same minute. */
export interface Floods {
  readonly service: Flood;
  readonly bare: Flood;
}

/** What is flooded. */
interface Flooded {
  readonly url: string;
  readonly path: string;
  processorMs(): number;
}

type Round = Readonly<Record<keyof Flood, number>>;

const connections = 16;
const [warmUpMs, roundMs, roundCount] = [1500, 1500, 5];

/** Starts the generator, on the measuring core. */
export function startGenerator(lab: Lab): Child {
  const child = startChild('children/load.ts', [], lab.cores?.others);
  lab.defer(() => child.stop());
  return child;
}

/** Starts a server that only reads and answers, on the service's core. */
export async function startBareServer(lab: Lab): Promise<Flooded> {
  const child = startChild('children/bare-http.ts', [], lab.cores?.service);
  lab.defer(() => child.stop());
  const { port, pid } = z.object({ port: z.number(), pid: z.number() }).parse(await child.message());
  return { url: `http://127.0.0.1:${port}`, path: '/', processorMs: () => processorMs(pid) };
}

/** Floods the service and the bare server in turn, so that a busy spell of the machine meets both. */
export async function measureFloods(generator: Child, scene: Scene, bare: Flooded): Promise<Floods> {
  const { url, webhookPath: path, processorMs: used } = scene.service;
  const service: Flooded = { url, path, processorMs: used };
  for (const server of [service, bare]) await flood(generator, server, warmUpMs);
  const rounds: { readonly service: Round; readonly bare: Round }[] = [];
  for (let n = 0; n < roundCount; n++) {
    rounds.push({
      service: await flood(generator, service, roundMs),
      bare: await flood(generator, bare, roundMs),
    });
  }
  return {
    service: together(rounds.map((round) => round.service)),
    bare: together(rounds.map((round) => round.bare)),
  };
}

async function flood(
  generator: Child,
  { url, path, processorMs: used }: Flooded,
  ms: number,
): Promise<Round> {
  const asked: Load = { url, path, connections, ms };
  const before = used();
  const { perSecond, answered, answerMs } = (await generator.ask(asked)) as LoadResult;
  const usedMs = used() - before;
  const processorUs = (1000 * usedMs) / answered;
  return { perSecond, answerMs: median(answerMs), processorUs, share: (perSecond * processorUs) / 1e6 };
}

function together(all: readonly Round[]): Flood {
  return {
    perSecond: all.map(({ perSecond }) => perSecond),
    answerMs: all.map(({ answerMs }) => answerMs),
    processorUs: all.map(({ processorUs }) => processorUs),
    share: all.map(({ share }) => share),
  };
}

/** Rate, time to the answer and processor time, beside what node:http alone can do. */
export function untrackedRows(
  measured: readonly { readonly workloads: number; readonly floods: Floods }[],
): readonly Row[] {
  return measured.flatMap(({ workloads, floods: { service, bare } }): Row[] => {
    const size = `${counted(workloads)} workloads`;
    const beside = (of: keyof Flood) => ({ what: 'node:http alone', value: median(bare[of]) });
    return [
      {
        what: `untracked pushes, ${size}`,
        ...{ unit: '/s', ...rounds(service.perSecond, 'lowest'), target: atLeast(3000) },
        reference: beside('perSecond'),
      },
      {
        what: `  processor time each, ${size}`,
        ...{ unit: 'us', ...rounds(service.processorUs, 'highest'), reference: beside('processorUs') },
      },
      {
        what: `  part of its core the server had, ${size}`,
        ...{ unit: 'x', ...rounds(service.share, 'lowest'), reference: beside('share') },
      },
      {
        what: `  answer on ${connections} connections, ${size}`,
        ...{ unit: 'ms', ...rounds(service.answerMs, 'highest'), reference: beside('answerMs') },
      },
    ];
  });
}
