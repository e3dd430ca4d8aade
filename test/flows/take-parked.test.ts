import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Push } from '../../src/core/registry.ts';
import { createUnparking } from '../../src/flows/take-parked.ts';
import { createMemoryParkedPushes } from '../../src/stores/memory-parked-pushes.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';

const tags = ['1.1.0', '1.2.0', '1.0.5'];
const pushOf = (tag: string): readonly Push[] => [{ repository: 'quay.io/acme/shop', tag, digest: null }];

async function setUp(receive: (tag: string) => Promise<void> = () => Promise.resolve()) {
  const parked = createMemoryParkedPushes();
  for (const tag of tags) await parked.keep(pushOf(tag));
  const [clock, log, stop] = [createFakeClock(), createFakeLog(), new AbortController()];
  const received: string[] = [];
  const context = {
    ...{ parked, clock, log, random: () => 0.5 },
    receive: async (pushes: readonly Push[]) => {
      const { tag = '' } = pushes[0] ?? {};
      await receive(tag);
      received.push(tag);
    },
  };
  const unparking = createUnparking(context, stop.signal);
  unparking.start();
  return { parked, clock, log, received, stop, unparking };
}

describe('parked pushes', () => {
  test('are received in the order they came, and gone after it', async () => {
    const { parked, received, unparking } = await setUp();
    await unparking.end();

    expect(received).toEqual(tags);
    expect(await parked.all()).toEqual([]);
  });

  test('stay when they cannot be received, and are received later from there on', async () => {
    let away = true;
    const { parked, clock, received, unparking } = await setUp((tag) =>
      tag === '1.2.0' && away ? Promise.reject(new AppError('unavailable', 'away')) : Promise.resolve(),
    );
    await clock.advance(0);
    expect(received).toEqual(['1.1.0']);
    expect(await parked.all()).toHaveLength(2);
    away = false;

    await clock.advance(30_000);
    await unparking.end();

    expect(received).toEqual(tags);
    expect(await parked.all()).toEqual([]);
  });

  test('wait no longer than the process', async () => {
    const { clock, log, stop, unparking } = await setUp(() => Promise.reject(new Error('away')));
    await clock.advance(0);

    stop.abort();
    await unparking.end();

    expect(clock.pending()).toBe(0);
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { webhooks: 3 } });
  });

  test('that come while others are received are received after them, and none twice', async () => {
    const { parked, received, unparking } = await setUp();
    await parked.keep(pushOf('1.3.0'));
    unparking.start();

    await unparking.end();

    expect(received).toEqual([...tags, '1.3.0']);
  });

  test('are tried once more when the process is about to end', async () => {
    const { parked, clock, received, stop, unparking } = await setUp();
    await unparking.end();
    await parked.keep(pushOf('1.3.0'));
    stop.abort();

    unparking.start();
    await unparking.end();

    expect(received).toEqual([...tags, '1.3.0']);
    expect(clock.pending()).toBe(0);
  });
});
