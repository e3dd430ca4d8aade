import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createWatchHealth, deadAfterMs, type WatchHealth } from '../../src/cluster/watch-health.ts';
import { scopesOf, watchWorkloads } from '../../src/cluster/watch-workloads.ts';
import { createWatchedCluster, type WatchedCluster } from '../../src/cluster/watched-cluster.ts';
import type { Rest } from '../../src/core/rest.ts';
import { workloadId } from '../../src/core/workload.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { createFakeMetrics } from '../support/fake-metrics.ts';
import { nothingElse } from '../support/workload-object.ts';

/** How the watches of Deployments go; all others bring nothing and last. */
type Stream = () => AsyncIterable<string>;

let clock: FakeClock;
let log: ReturnType<typeof createFakeLog>;
let health: WatchHealth;
let cluster: WatchedCluster;
/** What there is of Deployments. */
let items: unknown[];
let stopping: AbortController;
let running: Promise<void>;

beforeEach(() => {
  [clock, log, stopping, items] = [createFakeClock(), createFakeLog(), new AbortController(), []];
});

afterEach(async () => {
  stopping.abort();
  await running;
});

async function watch(deployments: Stream): Promise<void> {
  const scopes = scopesOf(['till']);
  health = createWatchHealth(clock);
  scopes.forEach((scope) => health.expect('east', scope));
  const rest: Rest = {
    json: ({ path }) =>
      Promise.resolve({
        metadata: { resourceVersion: '5' },
        items: path.endsWith('/deployments') ? items : [],
      }),
    lines: ({ path }, signal) =>
      Promise.resolve(path.endsWith('/deployments') ? deployments() : lasting(signal)),
  };
  cluster = createWatchedCluster({
    ...{ name: 'east', scopes, rest, log, pods: () => Promise.resolve([]), changed: () => undefined },
  });
  const options = { rest, clock, log, random: () => 0.5, cluster: 'east', also: nothingElse, scopes };
  running = watchWorkloads(
    {
      ...{ ...options, index: cluster, metrics: createFakeMetrics(), refused: 'wait' },
      listed: () => undefined,
      alive: (scope, isAlive) => health.alive('east', scope, isAlive),
    },
    stopping.signal,
  );
  await clock.advance(0);
}

// eslint-disable-next-line require-yield -- a stream of lines, none of which ever comes
async function* lasting(signal: AbortSignal): AsyncGenerator<string> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** A stream of these lines that is over at once. */
const brief = (...lines: readonly string[]): Stream =>
  async function* () {
    yield* await Promise.resolve(lines);
  };
const failing = '{"type":"ERROR","object":{"kind":"Status","code":500,"message":"unable to decode"}}';
const broken: readonly (readonly [string, Stream])[] = [
  ['nothing', brief()],
  ['an empty line', brief('')],
  ['an error', brief(failing)],
  ['what is no JSON', brief('<html>')],
];

const aDeployment = {
  metadata: { name: 'shop', namespace: 'till', uid: 'uid-1', resourceVersion: '9' },
  spec: { template: { spec: { containers: [{ name: 'app', image: 'quay.io/acme/shop:1' }] } } },
};

describe.each(broken)('a watch that opens, and ends with %s', (_what, stream) => {
  test('is dead after a minute and stays so', async () => {
    await watch(stream);
    await clock.advance(deadAfterMs + 1000);

    let alive = 0;
    for (let minute = 0; minute < 60; minute++) {
      if (health.dead().length === 0) alive++;
      await clock.advance(60_000 - 1);
    }

    expect(alive).toBe(0);
    expect(health.dead()).toMatchObject([
      { what: 'the watch of deployments in namespace till of cluster east is dead', isAlone: true },
    ]);
  });

  test('keeps nobody from finding what is there now', async () => {
    await watch(stream);
    await clock.advance(600_000);

    items = [aDeployment];
    await clock.advance(60_000);

    const found = cluster.within({ cluster: 'east', namespace: 'till' }).map(({ key }) => workloadId(key));
    expect(found).toEqual(['east/till/Deployment/shop']);
  });

  test('is named in the log with its cluster', async () => {
    await watch(stream);

    expect(log.lines).toContainEqual(
      expect.objectContaining({
        message: 'watch interrupted',
        fields: expect.objectContaining({ cluster: 'east' }) as unknown,
      }),
    );
  });
});

test('a watch that delivers and is over at once, again and again, is alive: nothing is missed', async () => {
  let version = 5;
  const object = { metadata: { resourceVersion: '' } };
  const next = (): AsyncIterable<string> => {
    object.metadata.resourceVersion = String(++version);
    return brief(JSON.stringify({ type: 'BOOKMARK', object }))();
  };
  // It lasts for a second, so that not all of time passes at once.
  await watch(async function* () {
    yield* next();
    await new Promise<void>((resolve) => clock.after(1000, resolve));
  });
  await clock.advance(2 * deadAfterMs + 500);

  expect(health.dead()).toEqual([]);
  stopping.abort();
  await clock.advance(1000);
});
