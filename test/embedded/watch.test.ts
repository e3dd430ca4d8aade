import { afterEach, describe, expect, test } from '@jest/globals';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../src/embedded/index.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const bookmarkMs = 60_000;

interface Event {
  readonly type: string;
  readonly object: {
    readonly kind: string;
    readonly code?: number;
    readonly reason?: string;
    readonly metadata: {
      readonly name?: string;
      readonly resourceVersion?: string;
      readonly annotations?: object;
    };
  };
}

let cluster: EmbeddedCluster;
const clock = createFakeClock();

async function start(): Promise<void> {
  const manifests = { file: 'none', text: '' };
  cluster = await startEmbeddedCluster({ clock, port: 0, bookmarkMs, manifests });
}

afterEach(() => cluster.close());

async function post(name: string): Promise<void> {
  const body = JSON.stringify({ metadata: { name }, spec: {} });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${cluster.url}${path}`, { method: 'POST', headers, body });
  await response.json();
}

/** Reads the events of a watch one by one. */
async function open(query: string): Promise<() => Promise<Event | undefined>> {
  const response = await fetch(`${cluster.url}${path}?watch=true${query}`);
  const lines = linesOf(response);
  return async () => {
    const { value } = await lines.next();
    return value === undefined ? undefined : (JSON.parse(value) as Event);
  };
}

async function* linesOf({ body }: Response): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  return undefined;
}

async function version(): Promise<string> {
  const response = await fetch(`${cluster.url}${path}`);
  return ((await response.json()) as Event['object']).metadata.resourceVersion ?? '';
}

describe('watch', () => {
  test('bookmarks tell how far the cluster is, to those who ask', async () => {
    await start();
    const from = await version();
    const next = await open(`&allowWatchBookmarks=true&resourceVersion=${from}`);
    await clock.advance(bookmarkMs);
    const first = await next();
    await post('a');
    const added = await next();
    await clock.advance(bookmarkMs);
    const second = await next();

    expect([first?.type, added?.type, second?.type]).toEqual(['BOOKMARK', 'ADDED', 'BOOKMARK']);
    expect(first?.object.kind).toBe('Lease');
    expect(first?.object.metadata.resourceVersion).toBe(from);
    expect(second?.object.metadata.resourceVersion).toBe(added?.object.metadata.resourceVersion);
  });

  test('nobody else gets bookmarks, and the end is by the clock', async () => {
    await start();
    const next = await open('&timeoutSeconds=120');
    await clock.advance(121_000);

    expect(await next()).toBeUndefined();
    expect(clock.pending()).toBe(0);
  });

  test('a version that is forgotten is an error inside the stream', async () => {
    await start();
    const from = await version();
    await post('a');
    cluster.compact();
    const next = await open(`&resourceVersion=${from}`);
    const event = await next();

    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    expect(await next()).toBeUndefined();
  });

  test('so is one from another life of the cluster', async () => {
    await start();
    const next = await open('&resourceVersion=999999');

    expect((await next())?.object.code).toBe(410);
  });

  test('a list that goes on from a forgotten version is a 410', async () => {
    await start();
    await post('a');
    await post('b');
    const first = await fetch(`${cluster.url}${path}?limit=1`);
    const { metadata } = (await first.json()) as { metadata: { continue: string } };
    await post('c');
    cluster.compact();
    const second = await fetch(`${cluster.url}${path}?limit=1&continue=${metadata.continue}`);

    expect(second.status).toBe(410);
    expect(await second.json()).toMatchObject({ kind: 'Status', reason: 'Expired', code: 410 });
  });

  test('a watch in place of a list says where the beginning ends', async () => {
    await start();
    await post('a');
    const next = await open(
      '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    const [added, mark] = [await next(), await next()];

    expect([added?.type, mark?.type]).toEqual(['ADDED', 'BOOKMARK']);
    expect(mark?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  test('watches that are broken off can go on', async () => {
    await start();
    const next = await open('');
    await post('a');
    const seen = await next();
    cluster.resetWatches();
    const broken = await next().catch(() => undefined);
    await post('b');
    const again = await open(`&resourceVersion=${seen?.object.metadata.resourceVersion ?? ''}`);

    expect(broken).toBeUndefined();
    expect(await again()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
  });

  test('a version that is none is refused', async () => {
    await start();
    const response = await fetch(`${cluster.url}${path}?watch=1&resourceVersion=abc`);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ reason: 'BadRequest' });
  });
});
