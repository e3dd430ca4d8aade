import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import type { Random } from '../support/random.ts';
import type { Seed } from './corpus.ts';
import { mutate, type Shot } from './mutate.ts';

/** What is shot at, and when it ends. */
export interface Campaign {
  readonly url: string;
  readonly corpus: readonly Seed[];
  readonly random: Random;
  /** An answer that takes longer every time is a fault. */
  readonly longestMs: number;
  /** Asked before every shot, with how many there were. */
  goesOn(shots: number): boolean;
}

/** Something that must not be. */
export interface Finding {
  readonly what: string;
  readonly shot: Shot;
}

/** What came of it. */
export interface Result {
  readonly shots: number;
  /** How often which status was answered. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly slowestMs: number;
  readonly findings: readonly Finding[];
}

/** The answers that a webhook may have. Anything else is a fault. */
const allowed: ReadonlySet<number> = new Set([200, 202, 400, 401, 413, 415]);
/** A machine that is busy elsewhere is slow now and then; a body that takes long does so every time. */
const repetitions = 4;
const mostFindings = 20;

/** Sends one mutated delivery after the other, and looks at every answer. */
export async function fuzz({ url, corpus, random, longestMs, goesOn }: Campaign): Promise<Result> {
  const dispatcher = new Agent({ connections: 1 });
  const statuses = new Map<number, number>();
  const findings: Finding[] = [];
  let [shots, slowestMs] = [0, 0];
  const send = async ({ path, headers, body }: Shot): Promise<{ status: number; ms: number }> => {
    const startedAt = performance.now();
    const answer = await request(`${url}${path}`, {
      ...{ dispatcher, method: 'POST', headers: sendable(headers), body },
      ...{ headersTimeout: 10_000, bodyTimeout: 10_000 },
    });
    await answer.body.dump();
    return { status: answer.statusCode, ms: performance.now() - startedAt };
  };
  const quickest = async (shot: Shot, firstMs: number): Promise<number> => {
    let best = firstMs;
    for (let n = 0; n < repetitions && best > longestMs; n++) best = Math.min(best, (await send(shot)).ms);
    return best;
  };
  while (goesOn(shots) && findings.length < mostFindings) {
    const shot = mutate(random.pick(corpus), corpus, random);
    shots++;
    try {
      const { status, ms } = await send(shot);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (!allowed.has(status)) findings.push({ what: `answered ${status}`, shot });
      const bestMs = await quickest(shot, ms);
      slowestMs = Math.max(slowestMs, bestMs);
      if (bestMs > longestMs) findings.push({ what: `took ${bestMs.toFixed(0)} ms every time`, shot });
    } catch (error) {
      findings.push({ what: `no answer: ${String(error)}`, shot });
    }
  }
  await dispatcher.close();
  return { shots, statuses, slowestMs, findings };
}

/** Without what a client sets itself, or cannot send. */
function sendable(headers: Shot['headers']): Readonly<Record<string, string>> {
  const own = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade']);
  const kept = Object.entries(headers).filter(
    ([name, value]) => !own.has(name.toLowerCase()) && /^[\x20-\x7e]*$/.test(value),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name.toLowerCase(), value]));
}
