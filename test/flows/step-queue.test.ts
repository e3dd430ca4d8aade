import { expect, test } from '@jest/globals';
import { AppError, type ErrorCode } from '../../src/core/errors.ts';
import { createStepQueue } from '../../src/flows/step-queue.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { createFakeMetrics } from '../support/fake-metrics.ts';

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

test('what is in conflict again and again is a fault: it is tried ever more slowly, and named', async () => {
  const { clock, log, metrics, queue, steps } = aQueue(...Array<ErrorCode>(5).fill('conflict'));

  queue.add('till');
  await clock.advance(0);
  expect([steps.length, metrics.counted]).toEqual([4, ['retrying:namespace:1']]);
  await clock.advance(60_000);
  queue.add('till');
  await clock.advance(0);

  expect(steps).toHaveLength(7);
  expect(log.lines.map(({ level, fields }) => [level, fields.tries])).toEqual([
    ['error', 1],
    ['error', 2],
  ]);
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
