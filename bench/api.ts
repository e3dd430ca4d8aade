import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { startChild } from './child.ts';
import { monotonicMs, within } from './clock.ts';
import { Arrival } from './fake-api/control.ts';
import type { Lab } from './lab.ts';

/** The fake API server, from outside. */
export interface Api {
  /** Path of a kubeconfig that names it. */
  readonly kubeconfig: string;
  /** The PATCHes that came since the last call, as soon as there are `count`; fails when there are more. */
  patches(count: number): Promise<readonly Arrival[]>;
  /** Ends the rollouts of these Deployments; the time of the last change. */
  complete(names: readonly string[]): Promise<number>;
  stop(): Promise<void>;
}

const patchLimitMs = 60_000;

/** Starts the fake API server in a process of its own. */
export async function startApi(lab: Lab, workloads: number, shared: number): Promise<Api> {
  const child = startChild('fake-api/main.ts', [String(workloads), String(shared)], lab.cores?.others);
  lab.defer(() => child.stop());
  const url = `http://127.0.0.1:${String(await child.message())}`;
  const dispatcher = new Agent();
  const control = async (path: string, body?: unknown): Promise<unknown> => {
    const call = body === undefined ? {} : { method: 'POST' as const, body: JSON.stringify(body) };
    const answer = await request(`${url}/bench/${path}`, { dispatcher, ...call });
    return answer.body.json();
  };
  await checkClocks(() => control('clock'));
  const kubeconfig = join(lab.folder, `kubeconfig-${workloads}`);
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(url)));
  let seen = 0;
  return {
    kubeconfig,
    async patches(count) {
      const found = control(`arrivals/${seen}/${count}`).then((list) => z.array(Arrival).parse(list));
      const arrivals = await within(patchLimitMs, `${count} PATCHes`, found);
      seen += count;
      return arrivals;
    },
    complete: async (names) => z.number().parse(await control('complete', names)),
    async stop() {
      await dispatcher.destroy();
      await child.stop();
    },
  };
}

/** client-node speaks plain HTTP only to a server that is marked as not to be verified. */
function kubeconfigFor(server: string): unknown {
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'bench' },
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: { token: 'no-secret' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  };
}

/** Times of two processes are compared everywhere here: another process's reading must lie between two of ours. */
async function checkClocks(other: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < 5; n++) {
    const before = monotonicMs();
    const there = z.number().parse(await other());
    if (there < before || there > monotonicMs()) {
      throw new Error('the monotonic clocks of two processes differ: nothing can be measured here');
    }
  }
}
