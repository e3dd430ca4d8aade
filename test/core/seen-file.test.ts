import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { emptyBook, type SeenBook } from '../../src/core/seen-book.ts';
import { readSeenFile, seenFile, seenFileName, seenIn } from '../../src/core/seen-file.ts';
import type { Seen } from '../../src/core/seen.ts';
import { workloadKinds, type Container } from '../../src/core/workload.ts';

const teamLabel = 'app.dbc.dk/team';
const canary = 'canary-5d1f';
/** As the predecessor writes it: `to_dict()` of what the Kubernetes client for Python has read, and nothing of its own. */
const fixture = readFileSync('test/fixtures/seen/deployment-events-v2-platform-till.json', 'utf8');
const image = (name: string): string => `docker-de.artifacts.example/${name}`;

function read(text: string, label = teamLabel): SeenBook {
  const book = readSeenFile(text, label);
  if (typeof book === 'string') throw new Error(book);
  return book;
}
const write = (book: SeenBook): string => JSON.stringify(seenFile(book, teamLabel));
const container = (name: string, init = false): Container => ({ name, image: image(`${name}:1`), init });
const bookOf = (one: Seen): SeenBook => ({ seen: new Map([['Deployment/shop', one]]), kinds: [] });
/** A file with these entries, and one that can be read. */
function fileWith(
  events: Readonly<Record<string, unknown>>,
  kinds: unknown = ['Deployment', 'CronJob'],
): string {
  const entry = { type: 'ADDED', object: { spec: { template: { spec: { containers: [] } } } } };
  return JSON.stringify({ events: { ...events, good: entry }, kinds });
}

describe('the predecessor’s file', () => {
  test('says what it saw: images of all containers, pods and teams, of what is gone too', () => {
    expect(read(fixture)).toEqual({
      seen: new Map<string, Seen>([
        [
          'Deployment/shop',
          {
            ...{ type: 'MODIFIED', team: 'checkout', scale: 3 },
            containers: [
              { name: 'app', image: image('shop:1.4.2'), init: false },
              { name: 'proxy', image: image('proxy:7'), init: false },
              { name: 'migrate', image: image('shop-migrate:1.4.2'), init: true },
            ],
          },
        ],
        [
          'Deployment/till',
          {
            ...{ type: 'ADDED', scale: 1 },
            containers: [{ name: 'till', image: image(`till@sha256:${'3b'.repeat(32)}`), init: false }],
          },
        ],
        [
          'Deployment/basket',
          {
            ...{ type: 'DELETED', team: 'checkout', scale: 2 },
            containers: [{ name: 'basket', image: image('basket:9'), init: false }],
          },
        ],
      ]),
      // Of no kind it is known that everything was seen: what is not here may be old.
      kinds: [],
    });
  });

  test('is found by its name; of another cluster there was none', () => {
    expect(seenFileName('platform', 'ai-prod')).toBe('deployment-events-v2-platform-ai-prod.json');
    expect(seenFileName('platform', 'ai-prod', 'north')).toBe(
      'deployment-events-v2-platform-north.ai-prod.json',
    );
  });

  test('has teams by another label, where that is set', () => {
    const teams = [...read(fixture, 'app').seen.values()].map(({ team }) => team);

    expect(teams).toEqual(['shop', 'till', 'basket']);
  });

  test('may have pods without labels, pods, images or containers', () => {
    const spec = {
      replicas: null,
      template: { metadata: null, spec: { containers: null, init_containers: null } },
    };
    const labels = {
      metadata: { labels: { [teamLabel]: null } },
      spec: { containers: [{ name: 'a', image: null }] },
    };
    const events = {
      shop: { type: 'ADDED', object: { spec } },
      till: { type: 'ADDED', object: { spec: { template: labels } } },
    };

    expect([...read(JSON.stringify({ events })).seen.values()]).toEqual([
      { type: 'ADDED', containers: [] },
      { type: 'ADDED', containers: [{ name: 'a', image: '', init: false }] },
    ]);
  });

  test('is written again without anything that may be secret', () => {
    const written = write(read(fixture));

    expect(fixture.split(canary).length).toBeGreaterThan(10);
    expect(written).not.toContain(canary);
    expect(Object.keys((JSON.parse(written) as { events: object }).events)).toEqual([
      'shop',
      'till',
      'basket',
    ]);
    expect(read(written)).toEqual(read(fixture));
  });
});

describe('what is written', () => {
  test('is the predecessor’s form, with what it did not know beside it', () => {
    const seen: Seen = {
      ...{ type: 'MODIFIED', team: 'checkout', scale: 3, uid: 'uid-1', generation: 7 },
      containers: [container('app'), container('migrate', true)],
      ...{ template: 't1', restartedAt: '2026-01-01T00:00:00Z', failed: { of: 'f', thread: 'ch-1' } },
    };
    const book: SeenBook = { seen: new Map([['Deployment/shop', seen]]), kinds: ['Deployment'] };

    expect(JSON.parse(write(book))).toEqual({
      events: {
        shop: {
          type: 'MODIFIED',
          object: {
            spec: {
              replicas: 3,
              template: {
                metadata: { labels: { [teamLabel]: 'checkout' } },
                spec: {
                  containers: [{ name: 'app', image: image('app:1') }],
                  init_containers: [{ name: 'migrate', image: image('migrate:1') }],
                },
              },
            },
            metadata: null,
            status: null,
          },
          seen: {
            ...{ uid: 'uid-1', generation: 7, template: 't1', restarted_at: '2026-01-01T00:00:00Z' },
            failed: { of: 'f', thread: 'ch-1' },
          },
        },
      },
      kinds: ['Deployment'],
    });
  });

  test('has null where there is nothing, as the predecessor has', () => {
    const bare: Seen = { type: 'DELETED', containers: [] };

    expect(JSON.parse(write({ ...bookOf(bare), kinds: ['DaemonSet'] }))).toEqual({
      events: {
        shop: {
          type: 'DELETED',
          object: {
            spec: {
              replicas: null,
              template: { metadata: { labels: null }, spec: { containers: [], init_containers: null } },
            },
            metadata: null,
            status: null,
          },
          seen: {},
        },
      },
      kinds: ['DaemonSet'],
    });
  });

  test('calls what is no Deployment by its kind, too', () => {
    const one: Seen = { type: 'ADDED', containers: [] };
    const book: SeenBook = {
      seen: new Map([
        ['Deployment/shop', one],
        ['StatefulSet/shop', { ...one, team: 'till' }],
      ]),
      kinds: [],
    };

    expect(Object.keys((JSON.parse(write(book)) as { events: object }).events)).toEqual([
      'shop',
      'StatefulSet/shop',
    ]);
    expect(read(write(book))).toEqual(book);
  });

  test('of what the predecessor saw has the failure that was told since', () => {
    const book = bookOf({ type: 'MODIFIED', containers: [], failed: { of: 'f', thread: 'ch-1' } });

    expect(read(write(book))).toEqual(book);
  });

  test('has nothing of an entry that is not known to be harmless', () => {
    const more = { env: [{ name: 'TOKEN', value: canary }], args: [canary], command: [canary] };
    const laden = { ...container('app'), ...more };
    const seen = { type: 'ADDED', containers: [laden], failed: { of: 'f', thread: 't' }, ...more } as Seen;

    const written = write(bookOf(seen));

    expect(JSON.stringify(seen)).toContain(canary);
    expect(written).toContain(image('app:1'));
    expect(written).not.toContain(canary);
  });
});

describe('a file that is none', () => {
  test.each([
    ['', 'it is no JSON'],
    ['\u0080\u0003}q\u0000', 'it is no JSON'],
    ['<html>404</html>', 'it is no JSON'],
    ['{"events":{', 'it is no JSON'],
    ['null', 'it has no events'],
    ['[]', 'it has no events'],
    ['"events"', 'it has no events'],
    ['{}', 'it has no events'],
    ['{"events":null}', 'it has no events'],
    ['{"events":[]}', 'it has no events'],
  ])('%j: %s', (text, words) => {
    expect(readSeenFile(text, teamLabel)).toBe(words);
  });

  test('is told from an empty one', () => {
    expect(readSeenFile('{"events":{}}', teamLabel)).toEqual(emptyBook);
    expect(seenIn(undefined, teamLabel)).toBeUndefined();
  });

  test('throws nothing, whatever it is', () => {
    const nearly = fc
      .json()
      .map((json) => `{"events":{"shop":{"type":"ADDED","object":${json}},"b":${json}},"kinds":${json}}`);
    const cut = fc.nat(fixture.length).map((end) => fixture.slice(0, end));
    const flipped = fc
      .tuple(fc.nat(fixture.length - 1), fc.string({ minLength: 1, maxLength: 3 }))
      .map(([at, text]) => fixture.slice(0, at) + text + fixture.slice(at + text.length));

    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), nearly, cut, flipped), (text) => {
        const book = readSeenFile(text, teamLabel);

        expect(typeof book === 'string' ? book : book.seen).toBeDefined();
        if (typeof book !== 'string') expect(read(write(book))).toEqual(book);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an entry that cannot be read', () => {
  test.each<[string, unknown]>([
    ['is nothing', null],
    ['is a word', 'ADDED'],
    ['has no object', { type: 'ADDED' }],
    ['has an object that is none', { type: 'ADDED', object: null }],
    ['has a type that nobody knows', { type: 'BOOKMARK', object: { spec: { template: { spec: {} } } } }],
    ['has no pods', { type: 'ADDED', object: { spec: { replicas: 1 } } }],
    [
      'has nameless containers',
      { type: 'ADDED', object: { spec: { template: { spec: { containers: [{}] } } } } },
    ],
    [
      'is what another version has seen',
      { type: 'ADDED', object: { spec: { template: { spec: {} } } }, seen: { failed: 'yes' } },
    ],
  ])('since it %s is passed over, the others are not', (_what, entry) => {
    expect([...read(fileWith({ bad: entry })).seen.keys()]).toEqual(['Deployment/good']);
  });

  test('is none of a new workload: that there is nothing else of its kind is not known any more', () => {
    expect(read(fileWith({ bad: null })).kinds).toEqual(['CronJob']);
    expect(read(fileWith({ 'CronJob/bad': null })).kinds).toEqual(['Deployment']);
    expect(read(fileWith({})).kinds).toEqual(['Deployment', 'CronJob']);
  });

  test('may be called like what every object has', () => {
    const good = JSON.stringify({ type: 'ADDED', object: { spec: { template: { spec: {} } } } });
    const { seen } = read(`{"events":{"__proto__":${good},"constructor":${good},"toString":null}}`);

    expect(seen.get('Deployment/constructor')).toEqual({ type: 'ADDED', containers: [] });
    expect(seen.has('Deployment/toString')).toBe(false);
    expect(({} as { readonly type?: unknown }).type).toBeUndefined();
    // It is no name of a workload.
    expect(seen.has('Deployment/__proto__')).toBe(false);
    expect([
      ...read(
        write({ seen: new Map([['Deployment/__proto__', { type: 'ADDED', containers: [] }]]), kinds: [] }),
      ).seen,
    ]).toEqual([]);
  });

  test.each(['__proto__', 'constructor', 'toString'])('has no team by the label %s', (label) => {
    for (const { team } of read(fixture, label).seen.values()) expect(team).toBeUndefined();
  });

  test('of kinds that nobody knows has none', () => {
    expect(read(fileWith({}, ['Deployment', 'Rollout'])).kinds).toEqual([]);
    expect(read(fileWith({}, 'Deployment')).kinds).toEqual([]);
  });
});

describe('any book', () => {
  const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/);
  const maybe = <K extends string, T>(key: K, value: fc.Arbitrary<T>): fc.Arbitrary<Partial<Record<K, T>>> =>
    fc
      .option(value, { nil: undefined })
      .map((one) => (one === undefined ? {} : { [key]: one })) as fc.Arbitrary<Partial<Record<K, T>>>;
  const failed = fc
    .tuple(
      fc.record({ of: fc.string(), thread: fc.string() }),
      maybe('silent', fc.constant(true as const)),
      maybe('loops', fc.constant(true as const)),
    )
    .map(([one, silent, loops]) => ({ ...one, ...silent, ...loops }));
  const containers = (init: boolean): fc.Arbitrary<Container[]> =>
    fc.array(fc.record({ name: fc.string(), image: fc.string(), init: fc.constant(init) }), { maxLength: 3 });
  const seen: fc.Arbitrary<Seen> = fc
    .tuple(
      fc.constantFrom('ADDED' as const, 'MODIFIED' as const, 'DELETED' as const),
      fc.tuple(containers(false), containers(true)).map((both) => both.flat()),
      fc.tuple(maybe('team', fc.string()), maybe('scale', fc.nat()), maybe('uid', fc.string())),
      fc.tuple(
        maybe('generation', fc.nat()),
        maybe('template', fc.string()),
        maybe('restartedAt', fc.string()),
      ),
      maybe('failed', failed),
    )
    .map(
      ([type, all, known, own, failure]) =>
        Object.assign({ type, containers: all }, ...known, ...own, failure) as Seen,
    );
  const entries = fc.array(fc.tuple(fc.constantFrom(...workloadKinds), name, seen), { maxLength: 8 });
  const book: fc.Arbitrary<SeenBook> = fc
    .tuple(entries, fc.uniqueArray(fc.constantFrom(...workloadKinds)))
    .map(([list, kinds]) => ({
      seen: new Map(list.map(([kind, one, what]) => [`${kind}/${one}`, what] as const)),
      kinds,
    }));

  test('is read as it was written', () => {
    fc.assert(
      fc.property(book, (one) => {
        expect(read(write(one))).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });
});
