import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { startChild } from './child.ts';
import { monotonicMs, within } from './clock.ts';
import type { ClusterSize } from './fake-api/cluster.ts';
import { Arrival, type Happening } from './fake-api/control.ts';
import type { Lab } from './lab.ts';

/** The fake API server, from outside. */
export interface Api {
  /** Path of a kubeconfig that names it. */
  readonly kubeconfig: string;
  /** The PATCHes that came since the last call, as soon as there are `count`; fails when there are more. */
  patches(count: number): Promise<readonly Arrival[]>;
  /** Sets the images of these Deployments, as a person does, and begins their rollouts. */
  setImages(names: readonly string[], tag: string): Promise<void>;
  /** Ends the rollouts of these Deployments; the time of the last change. */
  complete(names: readonly string[]): Promise<number>;
  /** Changes what their controller counts, and nothing else. */
  report(names: readonly string[], counts: Readonly<Record<string, number>>): Promise<void>;
  stop(): Promise<void>;
}

const patchLimitMs = 60_000;

/** Starts the fake API server in a process of its own. */
export async function startApi(lab: Lab, { workloads, shared, namespaces }: ClusterSize): Promise<Api> {
  const args = [String(workloads), String(shared), ...namespaces];
  const child = startChild('fake-api/main.ts', args, lab.cores?.others);
  lab.defer(() => child.stop());
  const url = `http://127.0.0.1:${String(await child.message())}`;
  const dispatcher = new Agent();
  const control = async (path: string, body?: unknown): Promise<unknown> => {
    const call = body === undefined ? {} : { method: 'POST' as const, body: JSON.stringify(body) };
    const answer = await request(`${url}/bench/${path}`, { dispatcher, ...call });
    return answer.body.json();
  };
  await checkClocks(() => control('clock'));
  const happen = async (names: readonly string[], happening: Happening): Promise<number> =>
    z.number().parse(await control('happen', { names, happening }));
  const kubeconfig = join(lab.folder, `kubeconfig-${new URL(url).port}`);
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
    setImages: async (names, tag) => {
      await happen(names, { what: 'image-set', tag });
    },
    complete: (names) => happen(names, { what: 'finished' }),
    report: async (names, counts) => {
      await happen(names, { what: 'reported', counts });
    },
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
