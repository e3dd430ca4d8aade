import { beforeEach, describe, expect, test } from '@jest/globals';
import { deadlineLastsMs } from '../../src/flows/lasting-deadline.ts';
import { keyOf } from '../support/builders.ts';
import { createHarness, type Harness } from '../support/harness.ts';

describe('an update of a Deployment whose deadline was over before', () => {
  const over = {
    conditions: [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
    ],
  };
  let harness: Harness;
  beforeEach(async () => {
    harness = createHarness();
    await harness.push('1.1.0');
    await harness.settle();
    // The first that its controller writes of the new generation.
    harness.cluster.put({ ...harness.cluster.get(keyOf()), ...over });
    harness.cluster.observe(keyOf());
    await harness.clock.advance(deadlineLastsMs - 1);
    expect(harness.told).toEqual([]);
  });

  test('has not failed by that', async () => {
    harness.cluster.put({ ...harness.cluster.get(keyOf()), conditions: [] });
    await harness.clock.advance(60_000);
    expect(harness.told).toEqual([]);

    harness.cluster.converge(keyOf());
    await harness.settle();

    expect(harness.told).toMatchObject([{ status: 'succeeded' }]);
  });

  test('has failed when it stays so', async () => {
    await harness.clock.advance(1);

    expect(harness.told).toMatchObject([{ status: 'failed', reason: 'ProgressDeadlineExceeded' }]);
  });

  test('is asked about before that is believed, as the watch may be dead', async () => {
    harness.cluster.put({ ...harness.cluster.get(keyOf()), conditions: [] }, true);
    await harness.clock.advance(1);

    expect(harness.told).toEqual([]);
  });
});

test('a deadline that is over when our own time is as well is what is told', async () => {
  const harness = createHarness();
  await harness.push('1.1.0');
  await harness.clock.advance(899_999);
  const conditions = [
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
  ];
  harness.cluster.put({ ...harness.cluster.get(keyOf()), conditions });
  harness.cluster.observe(keyOf());

  await harness.clock.advance(1);

  expect(harness.told).toMatchObject([{ status: 'failed', reason: 'ProgressDeadlineExceeded' }]);
});
