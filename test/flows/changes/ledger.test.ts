import { beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../../src/core/errors.ts';
import type { Documents } from '../../../src/core/documents.ts';
import { collapseMs, mostWaiting } from '../../../src/core/notice-box.ts';
import type { AnnouncementResult } from '../../../src/core/ports.ts';
import type { Workload } from '../../../src/core/workload.ts';
import { createMemoryDocuments } from '../../../src/stores/memory-documents.ts';
import { keyOf } from '../../support/builders.ts';
import { aWatched, createChangeHarness } from '../../support/change-harness.ts';

const at = (generation: number, tag: string): Workload =>
  aWatched({ generation, observedGeneration: generation, image: `quay.io/acme/shop:${tag}` });
const seenName = 'deployment-events-v2-platform-default.json';
const noticesName = 'deployment-notices-v1-platform-default.json';
const { signal } = new AbortController();

let outbox: Documents;
let cache: Documents;
let isDown: boolean;
let writes: string[];

beforeEach(() => {
  [isDown, writes] = [false, []];
  outbox = noted(createMemoryDocuments());
  const kept = noted(createMemoryDocuments());
  const orDown = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDown) throw new AppError('unavailable', 'artifactory.example: no answer');
    return work();
  };
  cache = {
    ...kept,
    read: (...call) => orDown(() => kept.read(...call)),
    write: (...call) => orDown(() => kept.write(...call)),
  };
});

function noted(documents: Documents): Documents {
  return {
    ...documents,
    write(name, ...rest) {
      writes.push(name);
      return documents.write(name, ...rest);
    },
  };
}

describe('what was seen', () => {
  test('is written after what is to be told of it', async () => {
    const harness = createChangeHarness({ documents: outbox, cache });
    await harness.list(at(1, '1'));
    writes.length = 0;
    await harness.put(at(2, '2'));

    expect(writes.slice(0, 2).toSorted()).toEqual([noticesName, seenName].toSorted());
    expect(writes[0]).toBe(noticesName);
    const { seen } = await harness.book();
    expect(seen.get('Deployment/shop')?.containers[0]?.image).toBe('quay.io/acme/shop:2');
  });

  test('may be kept where nobody answers: everybody is told all the same, and once', async () => {
    const harness = createChangeHarness({ documents: outbox, cache });
    await harness.list(at(1, '1'));
    isDown = true;
    await harness.put(at(2, '2'));
    expect(harness.said()).toEqual(['image-changed shop: 1 → 2']);
    // Longer than what repeats itself is told once.
    await harness.clock.advance(2 * collapseMs);
    await harness.restart();
    await harness.list(at(2, '2'));
    expect(harness.log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'step failed, retrying' }),
    );

    isDown = false;
    await harness.clock.advance(60_000);

    const { seen } = await harness.book();
    expect(seen.get('Deployment/shop')?.containers[0]?.image).toBe('quay.io/acme/shop:2');
    expect(harness.told).toHaveLength(1);
  });

  test.each([
    ['no JSON', '{"events":', 'it is no JSON'],
    ['something else', '[1, 2]', 'it has no events'],
  ])(
    'and is %s counts as nothing: what there is now is seen, and nobody is told',
    async (_, text, problem) => {
      await cache.write(seenName, text, undefined, signal);
      const harness = createChangeHarness({ documents: outbox, cache });
      await harness.list(at(1, '1'));
      await harness.put(at(2, '2'));

      expect(harness.said()).toEqual(['image-changed shop: 1 → 2']);
      expect(harness.log.lines).toContainEqual(
        expect.objectContaining({ level: 'warn', fields: { file: seenName, problem } }),
      );
    },
  );

  test('is not forgotten because the file was lost meanwhile', async () => {
    const harness = createChangeHarness({ documents: outbox, cache });
    await harness.list(at(1, '1'), aWatched({ key: keyOf('till') }));
    const revision = (await cache.read(seenName, signal))?.revision;
    await cache.write(seenName, 'damaged', revision, signal);
    await harness.put(
      aWatched({ key: keyOf('till'), generation: 2, observedGeneration: 2, image: 'till:2' }),
    );
    await harness.put(at(2, '2'));
    await harness.clock.advance(60_000);

    expect(harness.said().filter((words) => words.includes('shop'))).toEqual(['image-changed shop: 1 → 2']);
    expect([...(await harness.book()).seen.keys()].toSorted()).toEqual([
      'Deployment/shop',
      'Deployment/till',
    ]);
  });

  test('and was overwritten by one who leads no more is put right, and told once', async () => {
    const harness = createChangeHarness({ documents: outbox, cache });
    await harness.list(at(1, '1'));
    const old = await cache.read(seenName, signal);
    await harness.put(at(2, '2'));
    const now = await cache.read(seenName, signal);
    await cache.write(seenName, old?.text ?? '', now?.revision, signal);
    // Longer than what repeats itself is told once.
    await harness.clock.advance(2 * collapseMs);
    await harness.put(aWatched({ key: keyOf('till') }));
    await harness.put(at(2, '2'));
    await harness.clock.advance(60_000);

    expect(harness.said()).toEqual(['image-changed shop: 1 → 2', 'created till:  → 1.0.0']);
  });

  test('by the predecessor is compared with', async () => {
    const spec = (image: string): unknown => ({
      ...{ replicas: 2, min_ready_seconds: null },
      template: { metadata: { labels: null }, spec: { containers: [{ name: 'app', image, env: null }] } },
    });
    const event = (image: string): unknown => ({
      type: 'MODIFIED',
      object: { spec: spec(image), metadata: null, status: null },
    });
    const events = { shop: event('quay.io/acme/shop:0'), till: event('quay.io/acme/till:1') };
    await cache.write(seenName, JSON.stringify({ events }), undefined, signal);
    const harness = createChangeHarness({ documents: outbox, cache });
    const till = aWatched({ key: { ...at(1, '1').key, name: 'till' }, image: 'quay.io/acme/till:1' });
    await harness.list(at(1, '1'), till, aWatched({ key: { ...till.key, name: 'never-seen' } }));

    expect(harness.said()).toEqual(['image-changed shop: 0 → 1']);

    // From here on all of it is known.
    await harness.put({
      ...till,
      generation: 2,
      observedGeneration: 2,
      traits: { ...till.traits, template: 't2' } as never,
    });
    expect(harness.said().slice(1)).toEqual(['config-changed till: 1']);
  });

  test('is not overwritten by who does not know what another one saw', async () => {
    const [one, two] = [
      createChangeHarness({ documents: outbox, cache }),
      createChangeHarness({ documents: noted(createMemoryDocuments()), cache }),
    ];
    await one.list(at(1, '1'));
    await two.list(at(1, '1'));
    await one.put(aWatched({ key: { ...at(1, '1').key, name: 'till' } }));
    await two.put(aWatched({ key: { ...at(1, '1').key, name: 'wiki' } }));
    await two.clock.advance(60_000);

    const { seen } = await two.book();
    expect([...seen.keys()].toSorted()).toEqual(['Deployment/shop', 'Deployment/till', 'Deployment/wiki']);
    expect(two.log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { file: seenName } }),
    );
  });
});

test('an empty namespace is remembered as one: its first workload is new', async () => {
  const harness = createChangeHarness({ documents: outbox, cache });
  await harness.list();
  expect((await harness.book()).kinds).toHaveLength(4);
  await harness.restart();
  await harness.list(at(1, '1'));

  expect(harness.said()).toEqual(['created shop:  → 1']);
});

describe('what is to be told', () => {
  test('and was written, though nobody said so, is told', async () => {
    let lose = false;
    const losing: Documents = {
      ...outbox,
      async write(...call) {
        const revision = await outbox.write(...call);
        if (lose) {
          lose = false;
          throw new AppError('timeout', 'no answer in time');
        }
        return revision;
      },
    };
    const harness = createChangeHarness({ documents: losing, cache });
    await harness.list(at(1, '1'));
    lose = true;
    await harness.put(at(2, '2'));
    await harness.clock.advance(60_000);

    expect(lose).toBe(false);
    expect(harness.said()).toEqual(['image-changed shop: 1 → 2']);
  });

  test.each(['unavailable', 'conflict'] as const)(
    'and was told is not told again because nobody could write that down: %s',
    async (code) => {
      let isLost = false;
      const failing: Documents = {
        ...outbox,
        async write(...call) {
          if (isLost) throw new AppError(code, 'not written');
          return outbox.write(...call);
        },
      };
      const answer = Promise.withResolvers<AnnouncementResult>();
      const harness = createChangeHarness({ documents: failing, cache });
      harness.answer = () => answer.promise;
      await harness.list(at(1, '1'));
      await harness.put(at(2, '2'));
      isLost = true;
      answer.resolve({ kind: 'sent' });
      await harness.clock.advance(3_600_000);

      isLost = false;
      await harness.clock.advance(60_000);

      expect(harness.said()).toEqual(['image-changed shop: 1 → 2']);
      expect(harness.log.lines.filter(({ message }) => message === 'announcement sent')).toHaveLength(1);
    },
  );

  test('for longer than anybody would want is dropped by whoever opens it, and said once', async () => {
    const documents = createMemoryDocuments();
    const harness = createChangeHarness({ documents });
    harness.answer = () => ({ kind: 'failed', message: 'away', retryAfterMs: undefined });
    await harness.list();
    await harness.put(at(1, '1'));
    harness.lead.lost();
    const { clock } = harness;
    await clock.advance(6 * 24 * 3_600_000);
    const later = createChangeHarness({ documents, clock, notifiers: [] });
    for (let round = 0; round < 3; round++) await later.restart();

    const dropped = later.log.lines.filter(({ message }) => message.startsWith('a notice is dropped'));
    expect(dropped).toHaveLength(1);
  });

  test('after more than can be kept is told, what was dropped is said once', async () => {
    let isDown = true;
    const harness = createChangeHarness({ documents: outbox, cache });
    harness.answer = () =>
      isDown ? { kind: 'failed', message: 'down', retryAfterMs: undefined } : { kind: 'sent' };
    const crowd = Array.from({ length: mostWaiting - 1 }, (_, n) => keyOf(`app-${n}`));
    await harness.list(at(1, '1'), ...crowd.map((key) => aWatched({ key })));
    await harness.put(at(2, '2'));
    await harness.put(at(3, '3'));
    await harness.put(
      ...crowd.map((key) => aWatched({ key, generation: 2, observedGeneration: 2, image: 'a:2' })),
    );
    const dropped = harness.log.lines.filter(({ message }) => message.startsWith('a notice is dropped'));
    expect(dropped).toHaveLength(1);

    isDown = false;
    await harness.clock.advance(15 * 60_000);

    expect(harness.said()).toContain('image-changed shop: 2 → 3');
  });

  test('and cannot be read is begun anew, which is said', async () => {
    await outbox.write(noticesName, 'nonsense', undefined, signal);
    const harness = createChangeHarness({ documents: outbox, cache });
    await harness.list(at(1, '1'));
    await harness.put(at(2, '2'));

    expect(harness.said()).toEqual(['image-changed shop: 1 → 2']);
    expect(harness.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { file: noticesName, problem: 'it is no JSON' } }),
    );
  });

  test('by another version in part is said, and the rest is told', async () => {
    const text = JSON.stringify({ notices: [{ notice: { kind: 'workload.moved' } }], unsettled: null });
    await outbox.write(noticesName, text, undefined, signal);
    const harness = createChangeHarness({ documents: outbox, cache });
    await harness.list(at(1, '1'));

    expect(harness.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { file: noticesName, notices: 1 } }),
    );
  });

  test('by two who both believe they lead is told by the one who writes first', async () => {
    const [one, two] = [
      createChangeHarness({ documents: outbox, cache }),
      createChangeHarness({ documents: outbox, cache }),
    ];
    await one.list(at(1, '1'));
    await two.list(at(1, '1'));
    one.cluster.put(at(2, '2'));
    two.cluster.put(at(2, '2'));
    for (let round = 0; round < 5; round++) {
      await one.clock.advance(10_000);
      await two.clock.advance(10_000);
    }

    const ids = [...one.told, ...two.told].map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
  });

  test('is read by whom it cannot be known by later: nothing is taken for the first time', async () => {
    const harness = createChangeHarness({ documents: outbox, cache });
    await harness.list(at(1, '1'));
    isDown = true;
    await harness.restart();
    await harness.list(at(2, '2'));
    await harness.clock.advance(10_000);
    expect(harness.told).toEqual([]);

    isDown = false;
    await harness.clock.advance(60_000);

    expect(harness.said()).toEqual(['image-changed shop: 1 → 2']);
  });
});
