import { expect, test } from '@jest/globals';
import { AppError, type ErrorCode } from '../../src/core/errors.ts';
import { createStepQueue } from '../../src/flows/step-queue.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { createFakeMetrics } from '../support/fake-metrics.ts';
import { seeded } from '../support/random.ts';

/** A queue whose steps die of `failures`, one after the other, and do well after that. */
function aQueue(...failures: readonly ErrorCode[]) {
  const [clock, log, metrics] = [createFakeClock(), createFakeLog(), createFakeMetrics()];
  const left = [...failures];
  const steps: string[] = [];
  const queue = createStepQueue({ clock, log, metrics, random: () => 0 }, 2, 'namespace', (key) => {
    steps.push(key);
    const code = left.shift();
    return code ? Promise.reject(new AppError(code, 'away')) : Promise.resolve({ kind: 'idle' });
  });
  return { clock, log, metrics, queue, steps };
}

test('what fails is tried again, counted as such until it goes well, and named each time', async () => {
  const { clock, log, metrics, queue, steps } = aQueue('unavailable', 'forbidden');

  queue.add('till');
  await clock.advance(0);
  expect(metrics.counted).toEqual(['retrying:namespace:1']);
  await clock.advance(60_000);

  expect(steps).toEqual(['till', 'till', 'till']);
  expect(metrics.counted).toEqual(['retrying:namespace:1', 'retrying:namespace:-1']);
  expect(log.lines.map(({ level, fields }) => [level, fields.namespace, fields.tries])).toEqual([
    ['warn', 'till', 1],
    ['error', 'till', 2],
  ]);
});

test('what others have written meanwhile is looked at again at once, and is no failure', async () => {
  const { clock, log, metrics, queue, steps } = aQueue('conflict');

  queue.add('till');
  await clock.advance(0);

  expect([steps, metrics.counted, log.lines]).toEqual([['till', 'till'], [], []]);
});

test('what is overtaken more often lets others pass for a moment, and that is no failure either', async () => {
  const { clock, log, metrics, queue, steps } = aQueue(...Array<ErrorCode>(8).fill('conflict'));

  queue.add('till');
  await clock.advance(0);
  expect(steps).toHaveLength(4);
  await clock.advance(9);
  expect(steps).toHaveLength(4);
  await clock.advance(1);
  expect(steps).toHaveLength(5);
  await clock.advance(300);

  expect([steps.length, metrics.counted, log.lines]).toEqual([9, [], []]);
});

test('what is in conflict without an end is a fault: it is tried ever more slowly, and named', async () => {
  const { clock, log, metrics, queue, steps } = aQueue(...Array<ErrorCode>(20).fill('conflict'));

  queue.add('till');
  await clock.advance(310);
  expect([steps.length, metrics.counted]).toEqual([9, ['retrying:namespace:1']]);
  await clock.advance(3_600_000);
  queue.add('till');
  await clock.advance(0);

  expect(steps).toHaveLength(22);
  expect(metrics.counted).toEqual(['retrying:namespace:1', 'retrying:namespace:-1']);
  const lines = log.lines.map(({ level, fields }) => [level, fields.tries, fields.waitMs]);
  expect(lines.slice(0, 3)).toEqual([
    ['warn', 9, 320],
    ['warn', 10, 640],
    ['warn', 11, 1280],
  ]);
  expect(lines.at(-1)).toEqual(['warn', 20, 15_000]);
});

test('a queue is not idle while what is due lets others pass, and is while a fault waits', async () => {
  const { clock, queue, steps } = aQueue(...Array<ErrorCode>(20).fill('conflict'));
  let idleAfter = 0;

  queue.add('till');
  void queue.idle().then(() => (idleAfter = steps.length));
  await clock.advance(309);
  expect(idleAfter).toBe(0);
  await clock.advance(1);

  expect(idleAfter).toBe(9);
});

test('where many write the same things, all are written at once, and nobody is told', async () => {
  const [clock, log, metrics] = [createFakeClock(), createFakeLog(), createFakeMetrics()];
  const { next: random } = seeded(1, 'a crowd');
  const records = new Map(Array.from({ length: 300 }, (_, n) => [`update-${n}`, 0]));
  const written: string[] = [];
  const writers = ['deliver', 'webhook', 'slack', 'mail', 'pager', 'wiki', 'teams', 'events'].map((writer) =>
    createStepQueue({ clock, log, metrics, random }, 16, 'update', async (key) => {
      const revision = records.get(key) ?? 0;
      await Promise.resolve();
      if (records.get(key) !== revision) throw new AppError('conflict', `${key} was changed`);
      records.set(key, revision + 1);
      written.push(`${writer} ${key}`);
      return { kind: 'idle' };
    }),
  );

  for (const key of records.keys()) writers.forEach((writer) => writer.add(key));
  await clock.advance(200);

  expect(new Set(written).size).toBe(300 * writers.length);
  expect([written.length, log.lines, metrics.counted]).toEqual([300 * writers.length, [], []]);
});

test('what another replica has taken over is none of ours any more', async () => {
  const { clock, metrics, queue, steps } = aQueue('unavailable', 'not-leader');

  queue.add('till');
  await clock.advance(60_000);

  expect(steps).toEqual(['till', 'till']);
  expect(metrics.counted).toEqual(['retrying:namespace:1', 'retrying:namespace:-1']);
});

test('a queue that is stopped leaves nothing counted', async () => {
  const { clock, metrics, queue, steps } = aQueue('unavailable', 'unavailable');
  ['till', 'shop'].forEach(queue.add);
  await clock.advance(0);

  await queue.stop();
  await clock.advance(60_000);

  expect(steps).toEqual(['till', 'shop']);
  expect(metrics.counted.toSorted()).toEqual([
    ...['retrying:namespace:-1', 'retrying:namespace:-1'],
    ...['retrying:namespace:1', 'retrying:namespace:1'],
  ]);
});
