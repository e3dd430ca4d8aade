import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readNoticeFile } from '../../../src/core/notice-file.ts';
import type { Documents } from '../../../src/core/documents.ts';
import type { AnnouncementResult } from '../../../src/core/ports.ts';
import type { Workload } from '../../../src/core/workload.ts';
import { createMemoryDocuments } from '../../../src/stores/memory-documents.ts';
import { keyOf } from '../../support/builders.ts';
import { aWatched, createChangeHarness, said, type ChangeHarness } from '../../support/change-harness.ts';

/** A process that is killed: from one of its steps on, nothing it does has any effect. */
interface Life {
  /** Its steps so far, `before write notices`, `after write notices` … */
  readonly calls: string[];
  dieAt: number;
}

const never = new Promise<never>(() => undefined);

/** Does something of the outside world, unless the process is killed right before; right after, it does not hear of it. */
async function step<T>(life: Life, name: string, work: () => Promise<T>): Promise<T> {
  if (life.calls.push(`before ${name}`) > life.dieAt) return never;
  const result = await work();
  if (life.calls.push(`after ${name}`) > life.dieAt) return never;
  return result;
}

function mortal(documents: Documents, life: () => Life): Documents {
  return {
    ...documents,
    write: (name, ...rest) =>
      step(life(), `write ${name.includes('notices') ? 'notices' : 'seen'}`, () =>
        documents.write(name, ...rest),
      ),
  };
}

const shop = (generation: number, tag: string): Workload =>
  aWatched({ generation, observedGeneration: generation, image: `quay.io/acme/shop:${tag}` });
const till = (generation: number, template: string): Workload =>
  aWatched({ key: keyOf('till'), generation, observedGeneration: generation, set: { template } });

/** What happens in the cluster, one after the other. */
const story: readonly (readonly Workload[])[] = [
  [shop(1, '1.0.0'), till(1, 't1')],
  [shop(2, '2.0.0'), till(1, 't1')],
  [shop(2, '2.0.0'), till(2, 't2')],
  [shop(3, '3.0.0')],
];
const expected = [
  'image-changed shop: 1.0.0 → 2.0.0',
  'config-changed till: 1.0.0',
  'image-changed shop: 2.0.0 → 3.0.0',
  'deleted till: 1.0.0',
];

interface Told {
  readonly calls: readonly string[];
  readonly harness: ChangeHarness;
  /** Notices that had been told when the process died, and were not written down as told. */
  readonly unknown: number;
}

/** Lives through the story; who dies is followed by another process. */
async function live(dieAt: number, answers: readonly AnnouncementResult[] = []): Promise<Told> {
  let life: Life = { calls: [], dieAt };
  let unknown = 0;
  const kept = createMemoryDocuments();
  const harness = createChangeHarness({ documents: mortal(kept, () => life) });
  const rest = [...answers];
  harness.answer = () => step(life, 'tell', () => Promise.resolve(rest.shift() ?? { kind: 'sent' }));
  const follow = async (workloads: readonly Workload[]): Promise<void> => {
    if (life.calls.length <= life.dieAt) return;
    life = { calls: life.calls, dieAt: Infinity };
    unknown = harness.told.length - (await triesIn(kept));
    await harness.restart();
    await harness.list(...workloads);
  };
  for (const workloads of story) {
    await harness.list(...workloads);
    await follow(workloads);
  }
  for (let round = 0; round < 2; round++) {
    await harness.clock.advance(24 * 3_600_000);
    await follow(story.at(-1) ?? []);
  }
  return { calls: life.calls, harness, unknown };
}

/** How many tries are written down. */
async function triesIn(documents: Documents): Promise<number> {
  const name = 'deployment-notices-v1-platform-default.json';
  const { text = '' } = (await documents.read(name, new AbortController().signal)) ?? {};
  const read = readNoticeFile(text, 'team');
  const entries = typeof read === 'string' ? [] : read.box.entries;
  return entries
    .flatMap(({ announcements }) => announcements)
    .reduce((all, { attempts }) => all + attempts, 0);
}

describe('a process that is killed between any two steps', () => {
  test('goes these steps', async () => {
    const { calls } = await live(Infinity);

    const begun = calls
      .filter((call) => call.startsWith('before'))
      .map((call) => call.slice('before '.length));
    expect(new Set(begun)).toEqual(new Set(['write notices', 'write seen', 'tell']));
    expect(begun.filter((call) => call === 'tell')).toHaveLength(expected.length);
  });

  test('loses no change, and finds none twice', async () => {
    const { calls } = await live(Infinity);
    for (const [dieAt, name] of calls.entries()) {
      const { harness, unknown } = await live(dieAt);

      const once = new Map(harness.told.map((notice) => [notice.id, said(notice)]));
      expect({ name, dieAt, said: [...once.values()].toSorted() }).toEqual({
        ...{ name, dieAt, said: expected.toSorted() },
      });
      // Told again only, and by the same id, where nobody could know that it had been.
      expect({ name, dieAt, again: harness.told.length - once.size }).toEqual({
        name,
        dieAt,
        again: unknown,
      });
    }
  });

  test('nor when the place where it tells fails now and then', async () => {
    const failure: AnnouncementResult = { kind: 'failed', message: 'down', retryAfterMs: undefined };
    const results = fc.array(fc.constantFrom<AnnouncementResult>(failure, { kind: 'sent' }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 40 }), results, async (dieAt, answers) => {
        const { harness } = await live(dieAt, answers);

        const once = new Map(harness.told.map((notice) => [notice.id, said(notice)]));
        expect([...once.values()].toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 200 },
    );
  });
});
