import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { repositoryOf } from './tags.ts';
import type { Mix, PlannedPush, PushKind, Traffic } from './traffic.ts';

/** One push and what became of it. */
export interface Push {
  readonly deployment: string;
  readonly tag: string;
  readonly kind: PushKind;
  readonly tries: number;
  /** Of the last try; undefined = no answer. */
  readonly status: number | undefined;
  /** When a 2xx came; undefined = not yet, or never. */
  readonly ackedAtMs: number | undefined;
  /** Names of updates in that answer. */
  readonly updates: readonly string[];
  /** Whether the replica had no answer yet which update this is: it kept the push. */
  readonly parked: boolean;
}

/** A registry that pushes for many Deployments, and like Quay sends again what got no 2xx. */
export interface Pusher {
  /** Sends turns of the traffic, so many a second, until `stop`. */
  start(perSecond: number, mix: Mix): void;
  /** Ends the turns, and waits for the answers of what was sent. */
  stop(): Promise<void>;
  /** Sends one push, and not again when it is not taken. */
  once(deployment: string, tag: string): Promise<Push>;
  /** Sends one push now; resolves when it is acknowledged or given up. */
  push(deployment: string, tag: string): Promise<Push>;
  readonly pushes: () => readonly Push[];
  close(): Promise<void>;
}

const Answer = z.object({ updates: z.array(z.string()).default([]), parked: z.boolean().default(false) });
/** Quay waits 30 s; here a second, so that a run takes minutes. */
const againMs = 1000;
const mostTries = 90;

export function createPusher(url: string, traffic: Traffic): Pusher {
  const dispatcher = new Agent();
  const pushes: Push[] = [];
  const underWay = new Set<Promise<unknown>>();
  let turning: NodeJS.Timeout | undefined;

  const post = async ({ deployment, tag }: PlannedPush): Promise<Partial<Push>> => {
    try {
      const { statusCode, body } = await request(url, {
        ...{ dispatcher, method: 'POST', body: quayBody(repositoryOf(deployment), tag) },
        headers: { 'content-type': 'application/json' },
      });
      const text = await body.text();
      if (statusCode >= 300) return { status: statusCode };
      return { ...Answer.parse(JSON.parse(text)), status: statusCode, ackedAtMs: performance.now() };
    } catch {
      return { status: undefined };
    }
  };
  const send = async (planned: PlannedPush, tries: number): Promise<Push> => {
    if (planned.delayMs > 0) await pause(planned.delayMs);
    let push: Push = { ...planned, ...unsent };
    const at = pushes.push(push) - 1;
    while (push.ackedAtMs === undefined && push.tries < tries) {
      if (push.tries > 0) await pause(againMs);
      push = { ...push, ...(await post(planned)), tries: push.tries + 1 };
      pushes[at] = push;
    }
    return push;
  };
  const track = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
    return work;
  };
  return {
    start(perSecond, mix) {
      turning = setInterval(() => {
        traffic.next(mix).forEach((planned) => void track(send(planned, mostTries)));
      }, 1000 / perSecond);
    },
    async stop() {
      clearInterval(turning);
      while (underWay.size > 0) await Promise.all(underWay);
    },
    push: (deployment, tag) => track(send(now(deployment, tag), mostTries)),
    once: (deployment, tag) => track(send(now(deployment, tag), 1)),
    pushes: () => pushes,
    close: () => dispatcher.destroy(),
  };
}

const unsent = { tries: 0, status: undefined, ackedAtMs: undefined, updates: [], parked: false };

function now(deployment: string, tag: string): PlannedPush {
  return { deployment, tag, kind: 'new', delayMs: 0 };
}

/** The body of Quay's "Push to Repository". */
function quayBody(repository: string, tag: string): string {
  const [, namespace = '', name = ''] = repository.split('/');
  return JSON.stringify({
    ...{ name, namespace, repository: `${namespace}/${name}`, docker_url: repository },
    homepage: `https://quay.io/repository/${namespace}/${name}`,
    updated_tags: [tag],
  });
}
