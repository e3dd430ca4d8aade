import { describe, expect, test } from '@jest/globals';
import { createWorkQueue } from '../../src/flows/work-queue.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** A queue whose work is ended by hand. */
function aQueue(concurrency = 2) {
  const clock = createFakeClock();
  const started: string[] = [];
  const open = new Map<string, () => void>();
  const signals: AbortSignal[] = [];
  const queue = createWorkQueue(clock, concurrency, (key, signal) => {
    started.push(key);
    signals.push(signal);
    return new Promise((resolve) => open.set(key, resolve));
  });
  const end = async (key: string): Promise<void> => {
    open.get(key)?.();
    await clock.advance(0);
  };
  return { clock, queue, started, signals, end };
}

describe('work queue', () => {
  test('runs as many keys at once as it may, in their order', async () => {
    const { queue, started, end } = aQueue();

    ['a', 'b', 'c'].forEach(queue.add);
    expect(started).toEqual(['a', 'b']);
    await end('a');

    expect(started).toEqual(['a', 'b', 'c']);
  });

  test('runs a key once however often it is asked for while it waits', async () => {
    const { queue, started, end } = aQueue(1);

    ['a', 'b', 'b', 'b'].forEach(queue.add);
    await end('a');
    await end('b');

    expect(started).toEqual(['a', 'b']);
  });

  test('runs a key again when it was asked for while it ran, never beside itself', async () => {
    const { queue, started, end } = aQueue();

    queue.add('a');
    queue.add('a');
    expect(started).toEqual(['a']);
    await end('a');

    expect(started).toEqual(['a', 'a']);
  });

  test('keeps the sooner of two times, and drops the wait when the key comes by itself', async () => {
    const { clock, queue, started, end } = aQueue();

    queue.addAfter('a', 1000);
    queue.addAfter('a', 5000);
    queue.addAfter('b', 1000);
    queue.add('b');
    await end('b');
    await clock.advance(1000);
    await end('a');
    await clock.advance(10_000);

    expect(started).toEqual(['b', 'a']);
  });

  test('is idle when nothing runs or waits to run, whatever waits for its time', async () => {
    const { queue, end } = aQueue();
    let idle = false;
    queue.add('a');
    queue.addAfter('b', 1000);
    const waiting = queue.idle().then(() => (idle = true));
    expect(idle).toBe(false);

    await end('a');
    await waiting;

    expect(idle).toBe(true);
  });

  test('is not idle while something due steps back for a moment', async () => {
    const { clock, queue, end } = aQueue();
    let idle = false;
    queue.addSoon('a', 1000);
    const waiting = queue.idle().then(() => (idle = true));
    await clock.advance(1000);
    expect(idle).toBe(false);

    await end('a');
    await waiting;

    expect(idle).toBe(true);
  });

  test('stops though something due steps back, and takes nothing more of that', async () => {
    const { clock, queue, started } = aQueue();
    queue.addSoon('a', 1000);

    await queue.stop();
    queue.addSoon('b', 1000);
    await queue.idle();
    await clock.advance(1000);

    expect([started, clock.pending()]).toEqual([[], 0]);
  });

  test('stops: fires the signal of what runs, drops what waits, takes nothing more', async () => {
    const { clock, queue, started, signals, end } = aQueue(1);
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 1000);

    const stopped = queue.stop();
    expect(signals[0]?.aborted).toBe(true);
    await end('a');
    await stopped;
    queue.add('d');
    queue.addAfter('e', 1);
    await clock.advance(10_000);

    expect(started).toEqual(['a']);
    expect(clock.pending()).toBe(0);
  });
});
