import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listWatch } from '../../src/cluster/list-watch.ts';
import { AppError } from '../../src/core/errors.ts';
import type { ListWatchHandler, Rest, RestCall } from '../../src/core/rest.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';

const path = '/apis/apps/v1/namespaces/shop/deployments';

function anObject(name: string, version: number): { readonly metadata: Readonly<Record<string, string>> } {
  return { metadata: { name, resourceVersion: String(version) } };
}

function line(type: string, object: unknown): string {
  return JSON.stringify({ type, object });
}

const added = (name: string, version: number): string => line('ADDED', anObject(name, version));
const bookmark = (version: number): string => line('BOOKMARK', anObject('', version));
const status410 = line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' });
const cut = new AppError('unavailable', 'the connection was cut');
const gone = new AppError('gone', 'too old resource version');

/** One stream: its lines, then its end. Held open until the signal fires when `end` is `hold`. */
interface Stream {
  readonly lines?: readonly string[];
  readonly end: 'clean' | 'hold' | Error;
}

async function* play({ lines = [], end }: Stream, signal: AbortSignal): AsyncGenerator<string> {
  yield* lines;
  if (end instanceof Error) throw end;
  if (end === 'hold') {
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }
}

/** Answers in order: lists, and watches; an Error is thrown. What is asked for beyond them hangs. */
interface Script {
  readonly lists: readonly unknown[];
  readonly watches: readonly (Stream | Error)[];
}

/** A handler that keeps what it was told, as text. */
function createNotes(): ListWatchHandler<string> & { readonly told: readonly string[] } {
  const told: string[] = [];
  return {
    told,
    read(object) {
      const { name } = (object as ReturnType<typeof anObject>).metadata;
      return name === 'unreadable' ? undefined : name;
    },
    replaced: (names) => told.push(`replaced ${names.join(',')}`),
    changed: (type, name) => told.push(`${type} ${name}`),
    alive: (alive) => told.push(`alive ${alive}`),
  };
}

interface Run {
  readonly clock: FakeClock;
  readonly told: readonly string[];
  readonly calls: readonly RestCall[];
  readonly log: ReturnType<typeof createFakeLog>;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

let running: Run | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** Starts the loop over a rest; random = 1, so that waits are 200, 400, 800 … ms. */
function runOver<T>(rest: Rest, handler: ListWatchHandler<T> & { readonly told: readonly string[] }): Run {
  const clock = createFakeClock();
  const log = createFakeLog();
  const calls: RestCall[] = [];
  const stopping = new AbortController();
  const noted: Rest = {
    json(call, signal) {
      calls.push(call);
      return rest.json(call, signal);
    },
    lines(call, signal) {
      calls.push(call);
      return rest.lines(call, signal);
    },
  };
  const ended = listWatch({ rest: noted, clock, log, random: () => 1, path }, handler, stopping.signal);
  running = {
    ...{ clock, calls, log, ended, told: handler.told },
    stop() {
      stopping.abort();
      return ended;
    },
  };
  return running;
}

function run({ lists, watches }: Script): Run {
  const [pages, streams] = [[...lists], [...watches]];
  const never = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  const rest: Rest = {
    json(_call, signal) {
      const page = pages.shift();
      if (page instanceof Error) return Promise.reject(page);
      return page === undefined ? never(signal) : Promise.resolve(page);
    },
    lines(_call, signal) {
      const stream = streams.shift();
      if (stream instanceof Error) return Promise.reject(stream);
      return stream === undefined ? never(signal) : Promise.resolve(play(stream, signal));
    },
  };
  return runOver(rest, createNotes());
}

/** A list of these names at this version. */
function listed(version: number, ...names: readonly string[]): unknown {
  return {
    metadata: { resourceVersion: String(version) },
    items: names.map((name) => anObject(name, version)),
  };
}

/** What was asked, in short: `list`, `list:token`, `watch@version`. */
function asked({ calls }: Run): readonly string[] {
  return calls.map(({ query = {} }) => {
    if (query.watch === 'true') return `watch@${query.resourceVersion ?? ''}`;
    return query.continue === undefined ? 'list' : `list:${query.continue}`;
  });
}

describe('list and watch', () => {
  test('asks for pages, then for bookmarks from the version of the list', async () => {
    const started = run({ lists: [listed(5, 'a')], watches: [{ end: 'hold' }] });
    await started.clock.advance(0);

    expect(started.calls).toEqual([
      { method: 'GET', path, query: { limit: '500' } },
      {
        method: 'GET',
        path,
        query: {
          watch: 'true',
          allowWatchBookmarks: 'true',
          resourceVersion: '5',
          timeoutSeconds: expect.stringMatching(/^\d+$/) as unknown,
        },
      },
    ]);
    expect(started.told).toEqual(['replaced a', 'alive true']);
  });

  test('tells of every change in order', async () => {
    const lines = [added('a', 6), line('MODIFIED', anObject('a', 7)), '', line('DELETED', anObject('a', 8))];
    const started = run({ lists: [listed(5)], watches: [{ lines, end: 'hold' }] });
    await started.clock.advance(0);

    expect(started.told).toEqual(['replaced ', 'alive true', 'ADDED a', 'MODIFIED a', 'DELETED a']);
  });

  test('what cannot be read is passed over, and the watch goes on after it', async () => {
    const lists = [
      { metadata: { resourceVersion: '5' }, items: ['unreadable', 'a'].map((n) => anObject(n, 1)) },
    ];
    const watches: readonly Stream[] = [{ lines: [added('unreadable', 6), added('b', 7)], end: cut }];
    const started = run({ lists, watches });
    await started.clock.advance(200);

    expect(started.told.slice(0, 3)).toEqual(['replaced a', 'alive true', 'ADDED b']);
    expect(asked(started)).toEqual(['list', 'watch@5', 'watch@7']);
  });

  test('pages are one list', async () => {
    const page = (names: readonly string[], token?: string): unknown => ({
      metadata: { resourceVersion: '9', ...(token === undefined ? {} : { continue: token }) },
      items: names.map((name) => anObject(name, 1)),
    });
    const started = run({
      lists: [page(['a', 'b'], 'two'), page(['c'], 'three'), page([], '')],
      watches: [{ end: 'hold' }],
    });
    await started.clock.advance(0);

    expect(asked(started)).toEqual(['list', 'list:two', 'list:three', 'watch@9']);
    expect(started.told).toEqual(['replaced a,b,c', 'alive true']);
  });

  test('a page that has expired starts the list over; half a list is never told', async () => {
    const started = run({
      lists: [
        { metadata: { resourceVersion: '5', continue: 'two' }, items: [anObject('old', 1)] },
        gone,
        listed(9, 'new'),
      ],
      watches: [{ end: 'hold' }],
    });
    await started.clock.advance(200);

    expect(asked(started)).toEqual(['list', 'list:two', 'list', 'watch@9']);
    expect(started.told).toEqual(['alive false', 'replaced new', 'alive true']);
  });

  test.each([null, undefined])('a list whose items are %p is empty', async (items) => {
    const started = run({
      lists: [{ metadata: { resourceVersion: '5' }, items }],
      watches: [{ end: 'hold' }],
    });
    await started.clock.advance(0);

    expect(started.told).toEqual(['replaced ', 'alive true']);
  });
});

describe('after a break', () => {
  test('it goes on from the last version, without a list', async () => {
    const started = run({
      lists: [listed(5)],
      watches: [{ lines: [added('a', 6), added('b', 7)], end: cut }, { end: 'hold' }],
    });
    await started.clock.advance(200);

    expect(asked(started)).toEqual(['list', 'watch@5', 'watch@7']);
    expect(started.told).toEqual([
      'replaced ',
      'alive true',
      'ADDED a',
      'ADDED b',
      'alive false',
      'alive true',
    ]);
  });

  test('a stream that ends by itself is taken up at once and is no break', async () => {
    const started = run({
      lists: [listed(5)],
      watches: [
        { lines: [added('a', 6)], end: 'clean' },
        { lines: [added('b', 7)], end: 'clean' },
        { end: 'hold' },
      ],
    });
    await started.clock.advance(0);

    expect(asked(started)).toEqual(['list', 'watch@5', 'watch@6', 'watch@7']);
    expect(started.told).not.toContain('alive false');
  });

  test('a bookmark moves the version and is told to nobody', async () => {
    const started = run({
      lists: [listed(5)],
      watches: [{ lines: [added('a', 6), bookmark(90)], end: cut }, { end: 'hold' }],
    });
    await started.clock.advance(200);

    expect(asked(started)).toEqual(['list', 'watch@5', 'watch@90']);
    expect(started.told.filter((text) => text.startsWith('ADDED'))).toEqual(['ADDED a']);
  });

  test.each([
    ['as an answer', gone],
    ['inside the stream', { lines: [added('x', 6), status410], end: 'clean' } as const],
  ])('410 %s makes it list again', async (_name, end) => {
    const started = run({
      lists: [listed(5, 'old'), listed(50, 'new')],
      watches: [end, { end: 'hold' }],
    });
    await started.clock.advance(200);

    expect(asked(started)).toEqual(['list', 'watch@5', 'list', 'watch@50']);
    expect(started.told.slice(-3)).toEqual(['alive false', 'replaced new', 'alive true']);
  });

  test('410 again and again is asked for ever more slowly', async () => {
    const started = run({
      lists: [listed(1), listed(2), listed(3), listed(4)],
      watches: [gone, gone, gone, { end: 'hold' }],
    });

    await started.clock.advance(199);
    expect(asked(started)).toHaveLength(2);
    await started.clock.advance(1 + 399);
    expect(asked(started)).toHaveLength(4);
    await started.clock.advance(1 + 800);
    expect(asked(started)).toHaveLength(8);
  });

  test('another error inside the stream keeps the version', async () => {
    const internal = line('ERROR', { kind: 'Status', code: 500, message: 'etcd' });
    const started = run({
      lists: [listed(5)],
      watches: [{ lines: [added('a', 6), internal], end: 'hold' }, { end: 'hold' }],
    });
    await started.clock.advance(200);

    expect(asked(started)).toEqual(['list', 'watch@5', 'watch@6']);
  });

  test.each([
    '{"type":"ADDED","obj',
    'null',
    '[]',
    '{"type":"NEWS","object":{}}',
    '{"type":"ADDED","object":{}}',
  ])('a broken line (%s) starts the stream again from before it', async (broken) => {
    const started = run({
      lists: [listed(5)],
      watches: [
        { lines: [added('a', 6), broken, added('lost', 7)], end: 'hold' },
        { lines: [added('b', 7)], end: 'hold' },
      ],
    });
    await started.clock.advance(200);

    expect(asked(started)).toEqual(['list', 'watch@5', 'watch@6']);
    expect(started.told).toEqual([
      'replaced ',
      'alive true',
      'ADDED a',
      'alive false',
      'alive true',
      'ADDED b',
    ]);
  });

  test('a stream on which nothing comes is cut and taken up: the connection may be half open', async () => {
    const started = run({ lists: [listed(5)], watches: [{ end: 'hold' }, { end: 'hold' }] });
    await started.clock.advance(0);
    const timeoutMs = Number(started.calls[1]?.query?.timeoutSeconds) * 1000;

    await started.clock.advance(timeoutMs);
    expect(asked(started)).toEqual(['list', 'watch@5']);

    await started.clock.advance(60_000);
    expect(asked(started)).toEqual(['list', 'watch@5', 'watch@5']);
    expect(started.told.slice(-2)).toEqual(['alive false', 'alive true']);
  });
});

describe('what goes wrong again and again', () => {
  test('a list that fails is tried again for ever, at most every two seconds, and told of five times', async () => {
    const failures = Array.from({ length: 60 }, () => cut);
    const started = run({ lists: [...failures, listed(5, 'a')], watches: [{ end: 'hold' }] });

    await started.clock.advance(0);
    const times: number[] = [];
    for (let last = started.calls.length; times.length < 12; last = started.calls.length) {
      let waited = 0;
      while (started.calls.length === last) {
        await started.clock.advance(100);
        waited += 100;
      }
      times.push(waited);
    }

    expect(times).toEqual([200, 400, 800, 1600, ...Array.from({ length: 8 }, () => 2000)]);
    await started.clock.advance(60 * 2000);
    expect(started.told).toContain('replaced a');
    const levels = started.log.lines.map(({ level }) => level);
    expect(levels).toEqual([
      ...Array.from({ length: 5 }, () => 'warn'),
      ...Array.from({ length: 55 }, () => 'debug'),
      'info',
    ]);
    expect(started.log.lines.at(-1)?.message).toBe('watch goes on');
  });

  test('a server that was away for long and has forgotten is asked for a list at once, a stubborn one less and less', async () => {
    const away = Array.from({ length: 12 }, () => cut);
    const started = run({
      lists: [listed(5), ...Array.from({ length: 20 }, () => listed(6, 'a'))],
      watches: [{ lines: [bookmark(6)], end: cut }, ...away, ...Array.from({ length: 20 }, () => gone)],
    });
    await started.clock.advance(0);
    while (asked(started).length < 15) await started.clock.advance(100);
    expect(asked(started).filter((call) => call === 'list')).toHaveLength(1);

    await started.clock.advance(200);
    expect(asked(started).slice(15)).toEqual(['list', 'watch@6']);
    await started.clock.advance(60_000);
    expect(asked(started).filter((call) => call === 'list').length).toBeLessThan(15);
  });

  test('a server that comes and goes is a new failure each time it was there for a second', async () => {
    const started = run({
      lists: [listed(5)],
      watches: [cut, cut, cut, cut, cut, cut, { end: 'hold' }, { end: 'hold' }],
    });
    await started.clock.advance(7000);
    expect(started.told.at(-1)).toBe('alive true');

    while (started.told.at(-1) === 'alive true') await started.clock.advance(1000);
    await started.clock.advance(200);

    expect(started.told.at(-1)).toBe('alive true');
  });

  test('a watch that ends at once, without a word, is not asked for in a circle', async () => {
    const started = run({
      lists: [listed(5)],
      watches: Array.from({ length: 50 }, () => ({ end: 'clean' as const })),
    });

    await started.clock.advance(0);
    expect(asked(started)).toEqual(['list', 'watch@5']);
    await started.clock.advance(10_000);
    expect(started.calls.length).toBeLessThan(10);
    expect(started.told).toContain('alive false');
  });

  test('a watch that held and was cut, again and again, is taken up fast every time', async () => {
    const started = run({
      lists: [listed(5)],
      watches: Array.from({ length: 40 }, () => ({ end: 'hold' as const })),
    });
    await started.clock.advance(0);

    for (let broken = 0; broken < 20; broken++) {
      const before = started.calls.length;
      // The limit of a watch ends it; 200 ms later there must be the next.
      while (started.told.at(-1) === 'alive true') await started.clock.advance(1000);
      await started.clock.advance(200);
      expect(started.calls).toHaveLength(before + 1);
      expect(started.told.at(-1)).toBe('alive true');
    }
  });

  test('a server that says when to come again is obeyed', async () => {
    const busy = new AppError('rate-limited', 'too many requests', { retryAfterMs: 7000 });
    const started = run({ lists: [busy, listed(5)], watches: [{ end: 'hold' }] });

    await started.clock.advance(6999);
    expect(asked(started)).toEqual(['list']);
    await started.clock.advance(1);
    expect(asked(started)).toEqual(['list', 'list', 'watch@5']);
  });
});

const internal = line('ERROR', { kind: 'Status', code: 500, message: 'unable to decode an object' });

/** Watches that open and are over at once. */
const shortLived: readonly (readonly [string, Stream])[] = [
  ['ends', { end: 'clean' }],
  ['is cut', { end: cut }],
  ['brings an error', { lines: [internal], end: 'clean' }],
  ['brings what is no JSON', { lines: ['<html>'], end: 'clean' }],
  ['brings the version that was known', { lines: [bookmark(5)], end: 'clean' }],
];

describe('a watch that opens and is over at once', () => {
  const forever = <T>(one: T): readonly T[] => Array.from({ length: 5000 }, () => one);

  test.each(shortLived)('that %s, again and again, is alive no second time', async (_how, stream) => {
    const started = run({ lists: forever(listed(5)), watches: forever(stream) });

    await started.clock.advance(3_600_000);

    expect(started.told.filter((text) => text === 'alive true')).toHaveLength(1);
    expect(started.told.at(-1)).toBe('alive false');
    expect(started.log.lines.filter(({ level }) => level === 'warn').length).toBeLessThan(12);
  });

  test.each(shortLived)('that %s, is replaced by lists, less and less', async (_how, stream) => {
    const started = run({ lists: forever(listed(5)), watches: forever(stream) });
    const listsIn = async (ms: number): Promise<number> => {
      const before = asked(started).filter((call) => call === 'list').length;
      await started.clock.advance(ms);
      return asked(started).filter((call) => call === 'list').length - before;
    };

    // The first one is that of the beginning.
    expect(await listsIn(5000)).toBeGreaterThan(1);
    await started.clock.advance(300_000);
    const later = await listsIn(600_000);

    expect(later).toBeGreaterThanOrEqual(15);
    expect(later).toBeLessThanOrEqual(21);
  });

  test.each([
    ['an error', internal],
    ['what is no JSON', '<html>'],
  ])('with nothing but %s is followed by a list', async (_what, broken) => {
    const started = run({
      lists: [listed(5), listed(9, 'missed')],
      watches: [{ lines: [broken], end: 'clean' }, { end: 'hold' }],
    });
    await started.clock.advance(200);

    expect(asked(started)).toEqual(['list', 'watch@5', 'list', 'watch@9']);
    expect(started.told).toContain('replaced missed');
    expect(started.log.lines[0]?.fields).toMatchObject({ relist: true });
  });

  test.each([
    ['every two seconds is answered with fewer and fewer lists', 2000, 25],
    ['every minute is answered with a list at once', 60_000, 11],
  ])('with an error that comes late, %s', async (_when, afterMs, lists) => {
    const clockOf: { current?: FakeClock } = {};
    // The clock is made with the run: the first watch begins a moment later.
    const late: Rest = {
      json: () => Promise.resolve(listed(5)),
      lines: (_call, signal) => Promise.resolve(later(clockOf, afterMs, signal)),
    };
    const started = runOver(late, createNotes());
    clockOf.current = started.clock;
    await started.clock.advance(afterMs + 200);
    expect(asked(started)).toEqual(['list', 'watch@5', 'list', 'watch@5']);

    await started.clock.advance(600_000 - afterMs + 2000);
    expect(asked(started).filter((call) => call === 'list')).toHaveLength(lists);
  });

  test('is taken up twice before a list, as long as it says nothing', async () => {
    const started = run({
      lists: [listed(5), listed(9)],
      watches: [{ end: cut }, { end: 'clean' }, { end: cut }, { end: 'hold' }],
    });
    await started.clock.advance(200 + 400 + 200);

    expect(asked(started)).toEqual(['list', 'watch@5', 'watch@5', 'watch@5', 'list', 'watch@9']);
  });

  test('is no reason for a list where it was refused: that is an outage', async () => {
    const started = run({ lists: [listed(5)], watches: [cut, cut, cut, cut, cut, cut, { end: 'hold' }] });
    await started.clock.advance(10_000);

    expect(asked(started).filter((call) => call === 'list')).toHaveLength(1);
    expect(started.told).toEqual([
      'replaced ',
      ...Array.from({ length: 6 }, () => 'alive false'),
      'alive true',
    ]);
  });

  test('is believed again when it has lasted for a second', async () => {
    const started = run({ lists: [listed(5)], watches: [{ end: cut }, { end: 'hold' }] });
    await started.clock.advance(200 + 999);
    expect(started.told).toEqual(['replaced ', 'alive true', 'alive false']);

    await started.clock.advance(1);
    expect(started.told.at(-1)).toBe('alive true');
    expect(started.log.lines.at(-1)?.message).toBe('watch goes on');
  });

  test('is believed again when it brings something, and is told so once', async () => {
    const lines = [added('a', 6), added('b', 7)];
    const started = run({ lists: [listed(5)], watches: [{ end: cut }, { lines, end: 'hold' }] });
    await started.clock.advance(200);
    expect(started.told.slice(2)).toEqual(['alive false', 'ADDED a', 'alive true', 'ADDED b']);

    await started.clock.advance(60_000);
    expect(started.told.filter((text) => text === 'alive true')).toHaveLength(2);
  });
});

/** A stream on which an error comes, after so long. */
async function* later(
  clockOf: { readonly current?: FakeClock },
  afterMs: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  await new Promise<void>((resolve) => {
    clockOf.current?.after(afterMs, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  yield internal;
}

test.each([undefined, 'east'])(
  'the log says of which cluster it is, where it is said: %p',
  async (cluster) => {
    const [clock, log, stopping] = [createFakeClock(), createFakeLog(), new AbortController()];
    const rest: Rest = { json: () => Promise.reject(cut), lines: () => Promise.reject(cut) };
    const named = cluster === undefined ? {} : { cluster };
    const options = { rest, clock, log, random: () => 1, path, ...named };
    const ended = listWatch(options, createNotes(), stopping.signal);
    await clock.advance(0);
    stopping.abort();
    await ended;

    expect(log.lines[0]).toMatchObject({ message: 'watch interrupted', fields: { ...named, path } });
    expect(Object.hasOwn(log.lines[0]?.fields ?? {}, 'cluster')).toBe(cluster !== undefined);
  },
);

describe('the end', () => {
  test('comes in the middle of the wait for a sign of life', async () => {
    const started = run({ lists: [listed(5)], watches: [{ end: cut }, { end: 'hold' }] });
    await started.clock.advance(200);

    await started.stop();

    await started.clock.advance(60_000);
    expect(started.told).toEqual(['replaced ', 'alive true', 'alive false']);
    expect(started.clock.pending()).toBe(0);
  });

  test.each([
    ['the list', { lists: [], watches: [] }],
    ['the watch', { lists: [listed(5)], watches: [{ end: 'hold' }] }],
    ['the answer to the watch', { lists: [listed(5)], watches: [] }],
    ['the wait after a failure', { lists: [cut], watches: [] }],
  ] as readonly (readonly [string, Script])[])('comes in the middle of %s', async (_name, script) => {
    const started = run(script);
    await started.clock.advance(0);
    const calls = started.calls.length;

    await started.stop();

    await started.clock.advance(600_000);
    expect(started.calls).toHaveLength(calls);
    expect(started.clock.pending()).toBe(0);
  });
});

/** How one watch goes: what happens meanwhile, how much of it comes through, and how it ends. */
interface Break {
  /** Objects (by number) that change before the stream begins, and while it runs. */
  readonly before: readonly number[];
  readonly during: readonly number[];
  /** How many lines come through. */
  readonly lines: number;
  readonly end: 'clean' | 'cut' | 'broken' | 'gone' | 'refused' | 'refused-gone' | 'silent';
  /** The server forgets everything up to now. */
  readonly compacts: boolean;
  readonly bookmark: boolean;
  /** The list that follows, if there is one, fails. */
  readonly listFails: boolean;
}

/** An API server with a memory of changes, which breaks as it is told. */
function createModel(breaks: readonly Break[]): {
  readonly rest: Rest;
  state(): ReadonlyMap<string, number>;
} {
  const objects = new Map<string, number>();
  const history: { readonly version: number; readonly text: string }[] = [];
  const left = [...breaks];
  let version = 1;
  let oldest = 1;
  let failNextList = false;
  /** Creates, changes, or (every third time) deletes. */
  const touch = (n: number): void => {
    const name = `object-${n}`;
    version++;
    const known = objects.has(name);
    const type = known && version % 3 === 0 ? 'DELETED' : known ? 'MODIFIED' : 'ADDED';
    if (type === 'DELETED') objects.delete(name);
    else objects.set(name, version);
    history.push({ version, text: line(type, anObject(name, version)) });
  };
  const after = (from: number): readonly string[] =>
    history.filter((one) => one.version > from).map(({ text }) => text);
  async function* stream(step: Break | undefined, from: number, signal: AbortSignal): AsyncGenerator<string> {
    if (from < oldest) {
      yield status410;
      return;
    }
    step?.during.forEach(touch);
    const all = after(from);
    const sent = step ? all.slice(0, step.lines) : all;
    yield* sent;
    if (step?.bookmark === true && sent.length === all.length) yield bookmark(version);
    if (step?.end === 'gone') yield status410;
    if (step?.end === 'broken') yield '{"type":"ADD';
    if (step?.end === 'cut') throw cut;
    if (step === undefined || step.end === 'silent') yield* play({ end: 'hold' }, signal);
  }
  return {
    state: () => objects,
    rest: {
      json({ query = {} }) {
        if (failNextList) {
          failNextList = false;
          return Promise.reject(cut);
        }
        // Two objects a page, from a snapshot that no change touches: as the API server does it.
        const [start, at] = (query.continue ?? `0@${version}`).split('@').map(Number) as [number, number];
        const all = [...objects].map(([name, own]) => anObject(name, own));
        if (at !== version) return Promise.reject(gone);
        const next = start + 2 < all.length ? { continue: `${start + 2}@${at}` } : {};
        const metadata = { resourceVersion: String(at), ...next };
        return Promise.resolve({ metadata, items: all.slice(start, start + 2) });
      },
      lines({ query = {} }, signal) {
        const step = left.shift();
        step?.before.forEach(touch);
        if (step?.compacts === true) oldest = version;
        failNextList = step?.listFails ?? false;
        if (step?.end === 'refused') return Promise.reject(cut);
        if (step?.end === 'refused-gone') return Promise.reject(gone);
        return Promise.resolve(stream(step, Number(query.resourceVersion), signal));
      },
    },
  };
}

/** A handler that keeps a copy of the objects, and what it was told twice or out of order. */
function createMirror(): ListWatchHandler<readonly [string, number]> & {
  readonly told: readonly string[];
  readonly wrong: readonly string[];
  readonly copy: ReadonlyMap<string, number>;
} {
  const copy = new Map<string, number>();
  const [told, wrong]: [string[], string[]] = [[], []];
  let latest = 0;
  return {
    ...{ told, wrong, copy },
    read(object) {
      const { name = '', resourceVersion } = (object as ReturnType<typeof anObject>).metadata;
      return [name, Number(resourceVersion)];
    },
    replaced(objects) {
      copy.clear();
      for (const [name, version] of objects) copy.set(name, version);
    },
    changed(type, [name, version]) {
      if (version <= latest) wrong.push(`${type} ${name} ${version} after ${latest}`);
      latest = version;
      if (type === 'DELETED') copy.delete(name);
      else copy.set(name, version);
    },
    alive: (alive) => told.push(`alive ${alive}`),
  };
}

describe('whatever breaks', () => {
  const some = fc.array(fc.nat({ max: 6 }), { maxLength: 5 });
  const anyBreak: fc.Arbitrary<Break> = fc.record({
    before: some,
    during: some,
    lines: fc.nat({ max: 6 }),
    end: fc.constantFrom('clean', 'cut', 'broken', 'gone', 'refused', 'refused-gone', 'silent'),
    compacts: fc.boolean(),
    bookmark: fc.boolean(),
    listFails: fc.boolean(),
  });

  test('nothing is missed, nothing is told twice, and in the end it is alive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBreak, { maxLength: 12 }), async (breaks) => {
        const model = createModel(breaks);
        const mirror = createMirror();
        const started = runOver(model.rest, mirror);

        // Every break costs at most the limit of a watch, or the longest waits for list and watch.
        for (let n = 0; n <= breaks.length; n++) await started.clock.advance(400_000);

        expect(mirror.copy).toEqual(model.state());
        expect(mirror.wrong).toEqual([]);
        expect(mirror.told.at(-1)).toBe('alive true');
        await started.stop();
      }),
      { numRuns: 300 },
    );
  });
});
