import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge } from '../../../src/core/change.ts';
import type { Documents } from '../../../src/core/documents.ts';
import { bookName } from '../../../src/core/seen-book.ts';
import { readSeenFile } from '../../../src/core/seen-file.ts';
import { recoveryMs } from '../../../src/flows/changes/look-at-workload.ts';
import { createMemoryDocuments } from '../../../src/stores/memory-documents.ts';
import { keyOf } from '../../support/builders.ts';
import {
  aWatched,
  createChangeHarness,
  rollingOut,
  type ChangeHarness,
} from '../../support/change-harness.ts';

const { signal } = new AbortController();
const seenName = 'deployment-events-v2-platform-default.json';
const image = (tag: string): string => `quay.io/acme/shop:${tag}`;

let cache: Documents;
let outbox: Documents;
/** What was written to the outbox. */
let written: string[];

beforeEach(begin);

/** Nothing has been written. */
function begin(): void {
  [cache, written] = [createMemoryDocuments(), []];
  const kept = createMemoryDocuments();
  outbox = {
    ...kept,
    write(name, text, ...rest) {
      written.push(text);
      return kept.write(name, text, ...rest);
    },
  };
}

describe('what the predecessor saw', () => {
  interface Event {
    readonly tag?: string;
    readonly replicas?: number | null;
    readonly type?: string;
    readonly init?: string;
    /** Beside what it wrote itself: that we told of a failure. */
    readonly failed?: string;
  }
  /** As it wrote it. */
  const event = ({ tag = '1.0.0', replicas = 2, type = 'MODIFIED', init, failed }: Event = {}): unknown => {
    const containers = [{ name: 'app', image: image(tag), env: null }];
    const initContainers = init === undefined ? null : [{ name: 'migrate', image: image(init) }];
    const template = { metadata: { labels: null }, spec: { containers, init_containers: initContainers } };
    const own = failed === undefined ? {} : { seen: { failed: { of: failed, thread: failed } } };
    return { type, object: { spec: { replicas, template }, metadata: null, status: null }, ...own };
  };
  const file = (events: Readonly<Record<string, Event>>): string =>
    JSON.stringify({
      events: Object.fromEntries(Object.entries(events).map(([key, one]) => [key, event(one)])),
    });
  const started = async (events: Readonly<Record<string, Event>>): Promise<ChangeHarness> => {
    await cache.write(seenName, file(events), undefined, signal);
    return createChangeHarness({ documents: outbox, cache });
  };
  const [shop, till] = [aWatched(), aWatched({ key: keyOf('till'), uid: 'uid-2' })];

  test('and is still so is filled in with one write, however much it is', async () => {
    const names = Array.from({ length: 300 }, (_, n) => `shop-${n}`);
    const harness = await started(Object.fromEntries(names.map((name) => [name, {}])));
    await harness.list(...names.map((name) => aWatched({ key: keyOf(name), uid: `uid-${name}` })));
    await harness.clock.advance(600_000);

    expect(harness.said()).toEqual([]);
    expect(written).toHaveLength(1);
    const { seen } = await harness.book();
    expect(names.map((name) => seen.get(`Deployment/${name}`))).toEqual(
      names.map(
        (name) => expect.objectContaining({ uid: `uid-${name}`, generation: 1, template: 't1' }) as unknown,
      ),
    );
  });

  test('and is on its way is filled in, too: what is changed then is told', async () => {
    const harness = await started({ shop: {} });
    await harness.list(rollingOut(shop));
    expect((await harness.book()).seen.get('Deployment/shop')?.template).toBe('t1');
    await harness.put(aWatched({ generation: 2, observedGeneration: 2, set: { template: 't2' } }));

    expect(harness.said()).toEqual(['config-changed shop: 1.0.0']);
  });

  test('and does not run is told: it told of none that failed', async () => {
    const harness = await started({ shop: {}, till: {} });
    harness.pods = () => [
      {
        name: 'shop-1',
        containers: [
          {
            ...{ name: 'app', image: image('1.0.0'), restarts: 5 },
            ...{ waitingReason: 'ImagePullBackOff', waitingMessage: undefined },
          },
        ],
      },
    ];
    await harness.list(rollingOut(shop), till);
    await harness.clock.advance(60_000);

    expect(harness.said()).toEqual(['failed shop: 1.0.0']);
  });

  test('and has failed since is told when it is well again', async () => {
    const harness = await started({ shop: { failed: 'ch-1' } });
    await harness.list(shop);
    await harness.clock.advance(recoveryMs);

    expect(harness.said()).toEqual(['recovered shop: 1.0.0']);
    expect(harness.told[0]?.thread).toBe('ch-1');
  });

  test.each<readonly [string, Event, string]>([
    ['another image', { tag: '0.9.0' }, 'image-changed shop: 0.9.0 → 1.0.0'],
    ['other replicas', { replicas: 5 }, 'scaled shop: 5 → 2'],
    ['a deletion', { type: 'DELETED' }, 'created shop: 1.0.0'],
  ])(
    'with %s is told beside what is filled in, even by who comes after a crash',
    async (_what, one, said) => {
      await cache.write(seenName, file({ shop: one, till: {} }), undefined, signal);
      const never = new Promise<never>(() => undefined);
      let isAlive = true;
      /** Of a process that is killed after its first write. */
      const mortal: Documents = {
        ...outbox,
        async write(...call) {
          if (!isAlive) return never;
          await outbox.write(...call);
          isAlive = false;
          return never;
        },
      };
      await createChangeHarness({ documents: mortal, cache }).list(shop, till);
      const harness = createChangeHarness({ documents: outbox, cache });
      await harness.list(shop, till);
      await harness.list(shop, till);

      expect(isAlive).toBe(false);
      expect(harness.said()).toEqual([said]);
      const { seen } = await harness.book();
      expect([...seen].map(([name, { uid }]) => [name, uid]).toSorted()).toEqual([
        ['Deployment/shop', 'uid-1'],
        ['Deployment/till', 'uid-2'],
      ]);
    },
  );

  test('is told where a look at it would tell it, and nowhere else', async () => {
    const anEvent = fc.record(
      {
        tag: fc.constantFrom('1', '2'),
        replicas: fc.constantFrom(null, 2, 3),
        type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED'),
        init: fc.constantFrom('1', '2'),
      },
      { requiredKeys: [] },
    );
    const aState = fc.record({
      tag: fc.constantFrom('1', '2'),
      by: fc.constantFrom('kubectl-set', 'updatekate'),
      scale: fc.constantFrom(0, 2, 3),
      init: fc.option(fc.constantFrom('1', '2')),
      isThereAtOnce: fc.boolean(),
    });
    const cases = fc.array(fc.record({ before: fc.option(anEvent), now: aState }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        begin();
        const those = all.map(({ before, now: { tag, by, scale, init, isThereAtOnce } }, n) => {
          const app = { name: 'app', image: image(tag), init: false };
          const containers =
            init === null ? [app] : [app, { name: 'migrate', image: image(init), init: true }];
          const set = { scale, setBy: { images: { app: by } } };
          return {
            before,
            isThereAtOnce,
            now: aWatched({ key: keyOf(`shop-${n}`), uid: `uid-${n}`, containers, set }),
          };
        });
        const events = Object.fromEntries(
          those.flatMap(({ before, now }) => (before ? [[now.key.name, before]] : [])),
        ) as Record<string, Event>;
        const read = readSeenFile(file(events), 'team');
        const book = typeof read === 'string' ? undefined : read;
        const expected = those.flatMap(({ now }) => {
          const seen = book?.seen.get(bookName(now.key));
          const judgement = judge(seen, now, { kind: 'converged' }, 'updatekate');
          const isTold = seen && judgement.kind === 'settled' && judgement.change;
          return isTold ? [`${isTold.kind} ${now.key.name}`] : [];
        });
        const harness = await started(events);
        await harness.list(...those.map(({ now, isThereAtOnce }) => (isThereAtOnce ? now : rollingOut(now))));
        await harness.list(...those.map(({ now }) => now));

        expect(harness.told.map(({ kind, workload }) => `${kind} ${workload.name}`).toSorted()).toEqual(
          expected.toSorted(),
        );
        const { seen } = await harness.book();
        expect(those.map(({ now }) => seen.get(bookName(now.key))?.uid)).toEqual(
          those.map(({ now }) => now.uid),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('a namespace that is made while all of them are watched', () => {
  const namespace = 'young';
  const web = aWatched({ key: { ...keyOf('web'), namespace } });
  const db = aWatched({ key: { ...keyOf('db'), namespace, kind: 'StatefulSet' }, uid: 'uid-2' });
  /** What is told of it, when the process dies after so many writes, and another one follows. */
  const told = async (writes: number): Promise<readonly string[]> => {
    const never = new Promise<never>(() => undefined);
    const kept = createMemoryDocuments();
    let left = Infinity;
    const documents: Documents = {
      ...kept,
      write: (...call) => (left-- > 0 ? kept.write(...call) : never),
    };
    const harness = createChangeHarness({ documents, namespaces: [] });
    await harness.list();
    left = writes;
    await harness.put(web, db);
    left = Infinity;
    await harness.restart();
    const listed = harness.list(web);
    // Before anybody looks, as if it had been listed, too.
    harness.cluster.put(db);
    await listed;
    return [...new Set(harness.told.map(({ id, kind, workload }) => `${id} ${kind} ${workload.name}`))]
      .map((one) => one.slice(one.indexOf(' ') + 1))
      .toSorted();
  };

  test.each([1, 2, 3, 4, 5, 6, Infinity])(
    'is new with all its kinds, though a process dies after %d writes',
    async (writes) => {
      expect(await told(writes)).toEqual(['workload.created db', 'workload.created web']);
    },
  );
});
