import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Random } from '../support/random.ts';

/** People with a token each; the last one is no approver of anything. */
const people = ['ann', 'bob', 'eve', 'mallory'] as const;
export type Person = (typeof people)[number];
export const stranger: Person = 'mallory';
/** As the annotation and the records name them. */
export const approvers: readonly string[] = people
  .filter((who) => who !== stranger)
  .map((who) => `token:${who}`);

const tokenOf = (who: Person): string => `the-token-of-${who}-0001`;
/** UK_APPROVAL_TOKENS */
export const approvalTokens = people.map((who) => `${who}:${tokenOf(who)}`).join(' ');

/** One vote of one person for one update, and what became of it. */
export interface Cast {
  /** As in the records: `token:ann`. */
  readonly by: string;
  readonly vote: 'approve' | 'reject';
  readonly update: string;
  readonly deployment: string;
  readonly tag: string;
  /** Until it was answered. */
  readonly tries: number;
  /** When it was first sent (`performance.now()`). */
  readonly sentAtMs: number;
  /** When it was last sent, and when that was answered, in milliseconds since 1970. */
  readonly lastSentAtMs: number;
  readonly answeredAtMs: number | undefined;
  /** `counted`, or the reason why it does not count; `undefined` = no answer. */
  readonly answer: string | undefined;
}

/** What is shown of an update that waits. */
export interface Shown {
  readonly name: string;
  readonly deployment: string;
  readonly tag: string;
  readonly votes: number;
  readonly hash: string;
  readonly deadlineAt: string;
}

/** What a person says of an update; `undefined` = nothing. */
export type Opinion = (who: Person, shown: Shown) => Cast['vote'] | undefined;

/** People who look at what waits for approval, at whatever replica answers, and repeat each vote until it is answered. */
export interface Voters {
  /** Everybody begins to look, and to say what he thinks of what he sees. */
  start(opinion: Opinion): void;
  /** One vote of one person, for what he was shown. */
  vote(who: Person, shown: Shown, vote: Cast['vote']): Promise<Cast>;
  /** What waits for approval in this Deployment, as soon as it does; `undefined` when nothing ever does. */
  shown(deployment: string): Promise<Shown | undefined>;
  /** Ends when everybody has said what he thinks of everything that waits. */
  stop(): Promise<void>;
  readonly casts: () => readonly Cast[];
}

export interface VotersOptions {
  /** Of the replicas, whether they run or not. */
  readonly urls: () => readonly string[];
  readonly random: Random;
}

const Awaiting = z.object({
  approvals: z.array(
    z.object({
      ...{ name: z.string(), workload: z.object({ name: z.string() }), tag: z.string() },
      ...{ votes: z.number(), hash: z.string(), deadlineAt: z.string() },
    }),
  ),
});
const Refusal = z.object({ error: z.object({ reason: z.string() }) });
const [lookEveryMs, againMs, limitMs] = [300, 300, 3000];
const longestThoughtMs = 1500;
const mostTries = 400;
/** Longer than it takes until another replica leads. */
const mostLooks = 100;

export function createVoters({ urls, random }: VotersOptions): Voters {
  const casts: Cast[] = [];
  const looking: Promise<void>[] = [];
  let stopping = false;

  const ask = async (who: Person, path: string, body?: unknown): Promise<Response | undefined> => {
    const headers = { authorization: `Bearer ${tokenOf(who)}` };
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const url = `${random.pick(urls())}/api/v1/${path}`;
    return fetch(url, { headers, signal: AbortSignal.timeout(limitMs), ...sent }).catch(() => undefined);
  };
  const list = async (who: Person): Promise<readonly Shown[] | undefined> => {
    const response = await ask(who, 'approvals');
    if (response?.status !== 200) return undefined;
    const read = Awaiting.safeParse(await response.json().catch(() => undefined));
    return read.data?.approvals.map(({ workload, ...one }) => ({ ...one, deployment: workload.name }));
  };
  const vote: Voters['vote'] = async (who, { name: update, deployment, tag, hash }, vote) => {
    let cast: Cast = {
      ...{ by: `token:${who}`, vote, update, deployment, tag, tries: 0 },
      ...{ sentAtMs: performance.now(), lastSentAtMs: 0, answeredAtMs: undefined, answer: undefined },
    };
    const at = casts.push(cast) - 1;
    while (cast.answer === undefined && cast.tries < mostTries) {
      if (cast.tries > 0) await pause(againMs);
      casts[at] = cast = { ...cast, tries: cast.tries + 1, lastSentAtMs: Date.now() };
      const answer = await answerOf(await ask(who, `updates/${update}/${vote}`, { hash }));
      casts[at] = cast = { ...cast, answer, answeredAtMs: answer === undefined ? undefined : Date.now() };
    }
    return cast;
  };
  /** Looks until there is nothing new and nobody is waited for any more. */
  const look = async (who: Person, opinion: Opinion): Promise<void> => {
    const seen = new Set<string>();
    const underWay: Promise<unknown>[] = [];
    for (;;) {
      const last = stopping;
      const awaiting = await list(who);
      const fresh = awaiting?.filter(({ name }) => !seen.has(name)) ?? [];
      for (const shown of fresh) {
        seen.add(shown.name);
        const says = opinion(who, shown);
        const thought = random.between(0, longestThoughtMs);
        if (says) underWay.push(pause(thought).then(() => vote(who, shown, says)));
      }
      if (last && awaiting && fresh.length === 0) break;
      await pause(lookEveryMs);
    }
    await Promise.all(underWay);
  };
  return {
    casts: () => casts,
    vote,
    start: (opinion) => looking.push(...people.map((who) => look(who, opinion))),
    async shown(deployment) {
      for (let tries = 0; tries < mostLooks; tries++) {
        const found = (await list('ann'))?.find((one) => one.deployment === deployment);
        if (found) return found;
        await pause(againMs);
      }
      return undefined;
    },
    async stop() {
      stopping = true;
      await Promise.all(looking);
    },
  };
}

/** An answer that says what became of the vote: `not-asked` passes, and so does what is not the vote's own fault. */
async function answerOf(response: Response | undefined): Promise<string | undefined> {
  if (!response) return undefined;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.status === 200 && body !== undefined) return 'counted';
  const reason = Refusal.safeParse(body).data?.error.reason;
  return reason === 'not-asked' ? undefined : reason;
}
