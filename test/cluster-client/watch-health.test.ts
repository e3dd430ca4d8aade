import { beforeEach, describe, expect, test } from '@jest/globals';
import { createWatchHealth, deadAfterMs, type WatchHealth } from '../../src/cluster/watch-health.ts';
import type { Scope } from '../../src/cluster/workload-index.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

const till: Scope = { kind: 'Deployment', namespace: 'till' };
const jobs: Scope = { kind: 'CronJob', namespace: 'till' };
const everywhere: Scope = { kind: 'StatefulSet', namespace: undefined };

let clock: FakeClock;
let health: WatchHealth;

beforeEach(() => {
  clock = createFakeClock();
  health = createWatchHealth(clock);
  health.expect('default', till);
  health.expect('default', jobs);
});

const what = (): readonly string[] => health.dead().map((one) => one.what);

describe('a watch', () => {
  test('that never came to life is dead a minute after it was expected, not before', () => {
    health.alive('default', jobs, true);
    clock.freeze(deadAfterMs - 1);
    const before = health.dead();
    clock.freeze(1);

    expect(deadAfterMs).toBe(60_000);
    expect(before).toEqual([]);
    expect(health.dead()).toEqual([
      {
        cluster: 'default',
        what: 'the watch of deployments in namespace till of cluster default is dead',
        isAlone: true,
      },
    ]);
  });

  test('that ended is dead a minute after that, however often it was tried in between', () => {
    health.alive('default', jobs, true);
    health.alive('default', till, true);
    clock.freeze(10 * deadAfterMs);
    health.alive('default', till, false);
    clock.freeze(deadAfterMs / 2);
    health.alive('default', till, false);
    const halfway = what();
    clock.freeze(deadAfterMs / 2);

    expect(halfway).toEqual([]);
    expect(what()).toHaveLength(1);
  });

  test('that is alive again is not dead, and has a minute anew', () => {
    clock.freeze(deadAfterMs);
    const before = what().length;
    health.alive('default', till, true);
    health.alive('default', jobs, true);
    const after = what();
    health.alive('default', till, false);
    clock.freeze(deadAfterMs - 1);

    expect([before, after, what()]).toEqual([2, [], []]);
  });

  test('of all namespaces is called so', () => {
    health.expect('east', everywhere);
    clock.freeze(deadAfterMs);

    expect(what()).toContain('the watch of statefulsets in all namespaces of cluster east is dead');
  });

  test('that nobody expected does not count', () => {
    health.alive('default', everywhere, false);
    clock.freeze(deadAfterMs);

    expect(what().join()).not.toContain('statefulsets');
  });
});

describe('a dead watch is alone', () => {
  test('where another one of its cluster lives', () => {
    health.alive('default', jobs, true);
    clock.freeze(deadAfterMs);

    expect(health.dead().map(({ isAlone }) => isAlone)).toEqual([true]);
  });

  test('not where all of its cluster are dead, whatever lives elsewhere', () => {
    health.expect('east', everywhere);
    health.alive('east', everywhere, true);
    clock.freeze(deadAfterMs);

    expect(health.dead().map(({ isAlone }) => isAlone)).toEqual([false, false]);
  });

  test('nor where the only other one has just ended: the cluster may be going away', () => {
    health.alive('default', jobs, true);
    clock.freeze(deadAfterMs);
    health.alive('default', jobs, false);

    expect(health.dead().map(({ isAlone }) => isAlone)).toEqual([false]);
  });
});
