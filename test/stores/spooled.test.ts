import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/ports.ts';
import { enter } from '../../src/core/update.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { createSpooledStore, type SpooledStore } from '../../src/stores/spooled.ts';
import { storeContract } from '../contract/store.ts';
import { anUpdate } from '../support/builders.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';

const [one, two, three] = [1, 2, 3].map((n) => anUpdate({ name: `up-${n}` }, new Date(n))) as [
  ReturnType<typeof anUpdate>,
  ReturnType<typeof anUpdate>,
  ReturnType<typeof anUpdate>,
];

/** How the main store behaves, one way at a time. */
type Mood = 'well' | 'slow' | 'fails later' | 'away' | 'silent' | 'late' | 'refuses up-1';

interface Setting {
  readonly store: SpooledStore;
  /** What is in the main store, and the main store as `mood` has it. */
  readonly main: Store;
  readonly slowMain: Store;
  readonly spool: Store;
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof createFakeLog>;
  readonly drained: readonly string[];
  /** Names that the main store is known to have. */
  readonly known: Set<string>;
  knows(name: string): boolean;
  /** Calls of `create` that the main store has seen. */
  asked: number;
  /** What the metrics say. */
  spooled: number;
  mood: Mood;
}

function aSetting(): Setting {
  const [main, spool, clock, log] = [
    createMemoryStore(),
    createMemoryStore(),
    createFakeClock(),
    createFakeLog(),
  ];
  const [drained, known] = [[] as string[], new Set<string>()];
  const knows = (name: string): boolean => known.has(name);
  const create: Store['create'] = async (updates) => {
    setting.asked++;
    if (setting.mood === 'away') throw new AppError('unavailable', 'no answer');
    if (setting.mood === 'silent') return new Promise(() => undefined);
    if (['slow', 'fails later'].includes(setting.mood))
      await new Promise<void>((resolve) => clock.after(100, resolve));
    if (setting.mood === 'fails later') throw new AppError('unavailable', 'no answer');
    if (setting.mood === 'late') await new Promise<void>((resolve) => clock.after(1000, resolve));
    if (setting.mood === 'refuses up-1' && updates.some(({ name }) => name === 'up-1'))
      throw new AppError('invalid', 'spec.tag is wrong');
    return main.create(updates);
  };
  const slowMain = { ...main, create };
  const store = createSpooledStore({
    ...{ main: slowMain, spool, clock, log, knows, random: () => 0.999 },
    metrics: { spooled: (updates) => void (setting.spooled += updates) },
    drained: (name) => drained.push(name),
  });
  const setting: Setting = {
    store,
    main,
    slowMain,
    spool,
    clock,
    log,
    ...{ drained, known, knows },
    asked: 0,
    spooled: 0,
    mood: 'well',
  };
  return setting;
}

storeContract('spooled', () => Promise.resolve(aSetting().store));

let setting: Setting;
let stopping: AbortController;
let running: Promise<void>;

beforeEach(() => {
  setting = aSetting();
  stopping = new AbortController();
});

afterEach(async () => {
  setting.mood = 'well';
  stopping.abort();
  // Whatever a test that failed has left waiting.
  await Promise.all([running, setting.clock.advance(20_000)]);
});

function run(): void {
  running = setting.store.run(stopping.signal);
}

const namesIn = async (store: Store): Promise<readonly string[]> =>
  (await store.open()).map(({ update }) => update.name);

describe('while the store answers', () => {
  test('the spool is not used', async () => {
    run();
    await setting.store.create([one, two]);

    expect(await namesIn(setting.main)).toEqual(['up-1', 'up-2']);
    expect(await namesIn(setting.spool)).toEqual([]);
    expect(setting.clock.pending()).toBe(0);
  });
});

describe('while the store is slow', () => {
  test('what it is known to have is not taken for new: its own answer is waited for', async () => {
    const [recorded] = await setting.main.create([one]);
    const waiting = enter(one, 'AwaitingApproval', new Date(1));
    await setting.main.replace(enter(waiting, 'Rejected', new Date(2)), recorded?.revision ?? '');
    setting.known.add('up-1');
    setting.mood = 'slow';

    const created = setting.store.create([one]);
    await setting.clock.advance(100);

    expect(await created).toMatchObject([{ created: false, update: { phase: 'Rejected' } }]);
    expect(await namesIn(setting.spool)).toEqual([]);
  });

  test('beside something new, what it is known to have waits for nothing', async () => {
    setting.known.add('up-1');
    setting.mood = 'slow';

    const created = setting.store.create([one, two]);
    await setting.clock.advance(2);

    expect(await created).toHaveLength(2);
    expect(await namesIn(setting.spool)).toEqual(['up-1', 'up-2']);
    await setting.clock.advance(200);
  });

  test('what it is known to have is spooled when it does not answer at all', async () => {
    setting.known.add('up-1');
    setting.mood = 'silent';

    const created = setting.store.create([one]);
    await setting.clock.advance(300);

    expect(await created).toHaveLength(1);
    expect(await namesIn(setting.spool)).toEqual(['up-1']);
    expect(setting.clock.pending()).toBe(1);
  });

  test('what is spooled meanwhile is forgotten, and looked at, as soon as the store has it', async () => {
    setting.mood = 'slow';
    run();
    const creating = setting.store.create([one, two]);
    await setting.clock.advance(2);
    expect((await creating).map(({ created }) => created)).toEqual([true, true]);
    expect(await namesIn(setting.spool)).toEqual(['up-1', 'up-2']);

    await setting.clock.advance(98);

    expect(await namesIn(setting.main)).toEqual(['up-1', 'up-2']);
    expect(setting.drained).toEqual(['up-1', 'up-2']);
    await setting.clock.advance(100);
    expect(await namesIn(setting.spool)).toEqual([]);
    expect([setting.asked, setting.spooled, setting.log.lines]).toEqual([1, 0, []]);
    expect(setting.clock.pending()).toBe(0);
  });

  test('a failure that comes then is one of an absent store: the update is moved', async () => {
    setting.mood = 'fails later';
    run();
    const creating = setting.store.create([one]);
    await setting.clock.advance(2);
    expect((await creating)[0]?.created).toBe(true);
    await setting.clock.advance(98);
    expect(setting.spooled).toBe(1);
    expect(setting.log.lines).toMatchObject([
      {
        message: 'the store is away: spooled',
        fields: { updates: ['up-1'], error: { message: 'no answer' } },
      },
    ]);
    setting.mood = 'well';

    await setting.clock.advance(1000);

    expect([await namesIn(setting.main), await namesIn(setting.spool)]).toEqual([['up-1'], []]);
  });
});

describe('while the store is away', () => {
  test('updates are spooled, and answered as created', async () => {
    setting.mood = 'away';

    const created = await setting.store.create([one, two]);

    expect(created.map(({ update, created }) => [update.name, created])).toEqual([
      ['up-1', true],
      ['up-2', true],
    ]);
    expect(await namesIn(setting.spool)).toEqual(['up-1', 'up-2']);
    expect(setting.spooled).toBe(2);
    expect(setting.log.lines).toMatchObject([{ level: 'warn', fields: { updates: ['up-1', 'up-2'] } }]);
  });

  test('a silent one is waited for 2 ms; after 300 it is away, and not asked for half a second', async () => {
    setting.mood = 'silent';
    let answered = 0;
    const create = (update: typeof one): void => {
      void setting.store.create([update]).then(() => answered++);
    };

    create(one);
    await setting.clock.advance(1);
    expect(answered).toBe(0);
    await setting.clock.advance(1);
    expect([answered, await namesIn(setting.spool)]).toEqual([1, ['up-1']]);
    await setting.clock.advance(297);
    expect([setting.spooled, setting.log.lines]).toEqual([0, []]);
    await setting.clock.advance(1);
    expect(setting.spooled).toBe(1);
    expect(setting.log.lines).toMatchObject([{ level: 'warn', fields: { updates: ['up-1'] } }]);
    create(two);
    await setting.clock.advance(0);
    expect([answered, setting.asked]).toEqual([2, 1]);
    await setting.clock.advance(500);
    create(three);
    await setting.clock.advance(2);

    expect([answered, setting.asked]).toEqual([3, 2]);
  });

  test('neither store can write: the caller is told', async () => {
    setting.mood = 'away';
    const full = new AppError('unavailable', 'sqlite: the disk is full');
    const store = createSpooledStore({
      ...{ ...setting, main: { ...setting.main, create: () => Promise.reject(new Error('away')) } },
      spool: { ...setting.spool, create: () => Promise.reject(full) },
      random: () => 0,
      metrics: { spooled: () => undefined },
      drained: () => undefined,
    });

    await expect(store.create([one])).rejects.toBe(full);
  });
});

describe('while nothing can be spooled', () => {
  const full = new AppError('unavailable', 'sqlite: the disk is full');
  const withFullSpool = () =>
    createSpooledStore({
      ...setting,
      main: setting.slowMain,
      spool: { ...setting.spool, create: () => Promise.reject(full) },
      ...{ random: () => 0, metrics: { spooled: () => undefined }, drained: () => undefined },
    });

  test('a late answer of the store is waited for, also when it was given up just now', async () => {
    setting.mood = 'late';
    const store = withFullSpool();

    const answers = [store.create([one]), setting.clock.advance(400).then(() => store.create([two]))];
    await setting.clock.advance(400);
    await setting.clock.advance(1700);

    expect((await Promise.all(answers)).flat()).toMatchObject([{ created: true }, { created: true }]);
    expect(await namesIn(setting.main)).toEqual(['up-1', 'up-2']);
  });

  test('a silent store is waited for two seconds more, and the caller is told', async () => {
    setting.mood = 'silent';
    const refused = withFullSpool()
      .create([one])
      .catch((error: unknown) => error);

    await setting.clock.advance(2300);

    expect(await refused).toBe(full);
    expect(setting.clock.pending()).toBe(0);
  });
});

describe('when the store is back', () => {
  test('what was spooled is moved, oldest first, by the same names, and looked at', async () => {
    setting.mood = 'away';
    run();
    await setting.store.create([two, one]);
    await setting.clock.advance(60_000);
    expect(setting.drained).toEqual([]);
    setting.mood = 'well';

    await setting.clock.advance(30_000);

    expect(setting.drained).toEqual(['up-1', 'up-2']);
    expect(await namesIn(setting.main)).toEqual(['up-1', 'up-2']);
    expect(await namesIn(setting.spool)).toEqual([]);
  });

  test('what an earlier process spooled is moved at the start', async () => {
    await setting.spool.create([one]);

    run();
    await setting.clock.advance(0);

    expect(setting.drained).toEqual(['up-1']);
    expect(await namesIn(setting.spool)).toEqual([]);
  });

  test('what is there when the process is to end is moved before it ends', async () => {
    setting.mood = 'away';
    run();
    await setting.clock.advance(0);
    await setting.store.create([one]);
    await setting.clock.advance(0);
    setting.mood = 'well';

    stopping.abort();
    await running;

    expect(await namesIn(setting.main)).toEqual(['up-1']);
    expect(await namesIn(setting.spool)).toEqual([]);
    expect(setting.clock.pending()).toBe(0);
  });

  test('what cannot be moved before the end is named, after fifteen seconds', async () => {
    setting.mood = 'away';
    run();
    await setting.store.create([one, two]);
    await setting.clock.advance(0);
    let ended = false;

    stopping.abort();
    void running.then(() => (ended = true));
    await setting.clock.advance(14_900);
    expect(ended).toBe(false);
    await setting.clock.advance(1000);

    expect(ended).toBe(true);
    expect(setting.log.lines.at(-1)).toMatchObject({ level: 'error', fields: { updates: ['up-1', 'up-2'] } });
    expect(await namesIn(setting.spool)).toEqual(['up-1', 'up-2']);
  });

  test('hundreds are moved a few at a time, and none is left out', async () => {
    const many = Array.from({ length: 100 }, (_, n) => anUpdate({ name: `up-${n}` }, new Date(n)));
    setting.mood = 'away';
    await setting.store.create(many);
    setting.mood = 'well';
    run();
    await setting.clock.advance(0);

    expect(await namesIn(setting.main)).toEqual(many.map(({ name }) => name));
    expect(await namesIn(setting.spool)).toEqual([]);
  });

  test('after a short outage it is moved within a second', async () => {
    setting.mood = 'away';
    run();
    await setting.store.create([one]);
    await setting.clock.advance(0);
    setting.mood = 'well';

    await setting.clock.advance(1000);

    expect(setting.drained).toEqual(['up-1']);
  });

  test('what is there already stays as it is, also when it has ended', async () => {
    const [stored] = await setting.main.create([one]);
    await setting.main.replace(enter(one, 'Superseded', new Date(5)), stored?.revision ?? '');
    setting.mood = 'away';
    await setting.store.create([one]);
    setting.mood = 'well';

    run();
    await setting.clock.advance(0);

    expect((await setting.main.get('up-1'))?.update.phase).toBe('Superseded');
    expect(await namesIn(setting.spool)).toEqual([]);
  });

  test('a write that was given up and arrived all the same is one record', async () => {
    setting.mood = 'late';
    run();
    const creating = setting.store.create([one]);
    await setting.clock.advance(300);
    expect((await creating)[0]?.created).toBe(true);
    setting.mood = 'well';

    await setting.clock.advance(60_000);

    expect(await namesIn(setting.main)).toEqual(['up-1']);
    expect(await namesIn(setting.spool)).toEqual([]);
  });

  test('one that the store refuses stays, is named, and holds up no other', async () => {
    await setting.spool.create([one, two]);
    setting.mood = 'refuses up-1';

    run();
    await setting.clock.advance(0);

    expect(setting.drained).toEqual(['up-2']);
    expect(await namesIn(setting.spool)).toEqual(['up-1']);
    expect(setting.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'the store refuses what was spooled', fields: { update: 'up-1' } },
    ]);
  });
});
