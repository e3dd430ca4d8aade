import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import { watchWorkloads } from '../../src/cluster/watch-workloads.ts';
import { systemClock } from '../../src/lib/clock.ts';

/** What was read since the last question, and the processor time that took. */
export interface BareReading {
  readonly events: number;
  readonly processorUs: number;
}

/**
 * `node bare-watch.ts <traits|plain> <namespace>…`: the watcher's own client of the Kubernetes API without the watcher. Reads
 * Deployments, with what tells one state from another or without, and forgets them. KUBECONFIG says where. Says when it
 * has listed them; answers every question with a reading.
 */
const [traits, ...namespaces] = process.argv.slice(2);
const nothing = (): void => undefined;
const log = { debug: nothing, info: nothing, warn: console.warn, error: console.error };
let [events, listed] = [0, 0];
let usage = process.cpuUsage();

process.on('disconnect', () => process.exit(0));
process.on('message', () => {
  const { user, system } = process.cpuUsage(usage);
  process.send?.({ events, processorUs: user + system });
  usage = process.cpuUsage();
  events = 0;
});

await watchWorkloads(
  {
    ...{ cluster: 'bench', clock: systemClock, random: Math.random, log },
    rest: createRest(connect({ kind: 'kubeconfig' }), systemClock, 10_000),
    also: { annotations: [], teamLabel: 'app.dbc.dk/team', traits: traits === 'traits' },
    scopes: namespaces.map((namespace) => ({ kind: 'Deployment', namespace })),
    index: {
      known: () => true,
      put: () => {
        events++;
      },
      remove: nothing,
      replaceAll() {
        if (++listed === namespaces.length) process.send?.('listed');
      },
    },
    metrics: { watch: nothing },
    ...{ refused: 'wait', listed: nothing },
  },
  new AbortController().signal,
);
