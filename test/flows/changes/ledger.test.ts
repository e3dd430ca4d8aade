import { beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../../src/core/errors.ts';
import type { Documents } from '../../../src/core/documents.ts';
import { collapseMs } from '../../../src/core/notice-box.ts';
import type { Workload } from '../../../src/core/workload.ts';
import { createMemoryDocuments } from '../../../src/stores/memory-documents.ts';
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
