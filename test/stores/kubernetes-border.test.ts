import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { openFakeApi, path, stored, willFail, type FakeApi } from './kubernetes-fake-api.ts';

const update = anUpdate({ name: 'up-1' });
const signal = new AbortController().signal;
/** A record of a version to come. */
const foreign = (version: number, name = 'up-2'): object => ({
  ...stored(version, { name }, `uid-${name}`),
  status: { phase: 'Dreaming' },
});

/** The lines that were logged as errors. */
function errors({ lines }: FakeApi): readonly unknown[] {
  return lines.filter(({ level }) => level === 'error').map(({ fields }) => fields);
}

describe('a record that cannot be read', () => {
  const complaint = {
    namespace: 'own',
    update: 'up-2',
    reason: expect.stringContaining('status.phase') as unknown,
  };

  test('is named once and passed over', async () => {
    const api = openFakeApi();
    api.list(5, foreign(3), stored(4), { kind: 'Nonsense' });
    api.event('MODIFIED', foreign(6));
    const looking = api.store.get('up-2');
    await api.answer(foreign(6));

    expect(await looking).toBeUndefined();
    expect(await api.store.open()).toHaveLength(1);
    expect(api.changes).toEqual(['up-1']);
    expect(errors(api)).toEqual([
      complaint,
      { namespace: 'own', reason: expect.stringContaining('metadata') as unknown },
    ]);
  });

  test('takes the place of one that could be', async () => {
    const api = openFakeApi();
    api.list(5, stored(4, { name: 'up-2' }, 'uid-up-2'));
    api.event('MODIFIED', foreign(6));
    expect(await api.store.open()).toEqual([]);

    api.event('MODIFIED', stored(7, { name: 'up-2' }, 'uid-up-2'));
    expect(await api.store.open()).toHaveLength(1);

    // Mended and broken again is news.
    api.event('MODIFIED', foreign(8));
    expect(errors(api)).toEqual([complaint, complaint]);
  });

  test('is not created a second time', async () => {
    const api = openFakeApi();
    const creation = willFail(api.store.create([anUpdate({ name: 'up-2' })]));
    await api.refuse('conflict');
    await api.answer(foreign(3));

    await expect(creation).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('up-2 cannot be read: status.phase') as unknown,
    });
  });

  test('an answer that is no object at all is no answer', async () => {
    const api = openFakeApi();
    const looking = willFail(api.store.get('up-1'));
    await api.answer('<html>');

    await expect(looking).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('what is never asked of the API server', () => {
  test.each(['', '0', '01', '-1', '1.5', 'x', '9'.repeat(20)])(
    'a write over revision "%s"',
    async (revision) => {
      const api = openFakeApi();
      api.event('ADDED', stored(5));

      await expect(api.store.replace(update, revision)).rejects.toMatchObject({ code: 'conflict' });
      await expect(api.store.remove('up-1', revision)).rejects.toMatchObject({ code: 'conflict' });
      expect(api.calls).toEqual([]);
    },
  );

  test.each(['', '.', '..', '../leases/x', 'a/b', 'Up', 'up?x=1', 'up-'])('the name "%s"', async (name) => {
    const api = openFakeApi();
    const missing = { code: 'not-found' };

    expect(await api.store.get(name)).toBeUndefined();
    await expect(api.store.replace(anUpdate({ name }), '1')).rejects.toMatchObject(missing);
    await api.store.remove(name, '1');
    await api.store.remove(name, 'x');
    expect(api.calls).toEqual([]);
  });

  test('more than 32 creations at a time', async () => {
    const api = openFakeApi();
    const names = Array.from({ length: 40 }, (_, n) => `up-${n}`);
    const creation = api.store.create(names.map((name) => anUpdate({ name })));
    expect(api.calls).toHaveLength(32);

    for (const [n, name] of names.entries()) await api.answer(stored(n + 2, { name }, `uid-${n}`));

    expect((await creation).map((one) => one.update.name)).toEqual(names);
  });
});

describe('a batch', () => {
  test('of which one is refused: the others are written before that is told', async () => {
    const api = openFakeApi();
    const creation = api.store.create([anUpdate({ name: 'up-2' }), update, anUpdate({ name: 'up-2' })]);
    let ended = false;
    creation.catch(() => (ended = true));
    await api.refuse('invalid');
    expect(ended).toBe(false);
    await api.answer(stored(5));

    await expect(creation).rejects.toMatchObject({ code: 'invalid' });
    expect(api.calls).toEqual(['POST', 'POST']);
    expect(await api.store.open()).toHaveLength(1);
  });
});

describe('before the first list', () => {
  test('reads wait for it', async () => {
    const api = openFakeApi({ listed: false });
    const reading = Promise.all([api.store.open(), api.store.ofWorkload(keyOf(), 1), api.store.synced]);
    api.list(5, stored(4));

    expect((await reading)[0]).toHaveLength(1);
    expect(api.clock.pending()).toBe(0);
  });

  test.each([
    [undefined, 'kubernetes: the updates are not known: there is no answer yet'],
    [
      new AppError('not-found', 'kubernetes: GET answered 404'),
      'kubernetes: the updates are not known: kubernetes: imageupdates.updatekate.dev is not installed: kubectl apply -f k8s/crd.yaml',
    ],
    [
      new AppError('forbidden', 'kubernetes: GET answered 403: "u" cannot list'),
      'kubernetes: the updates are not known: kubernetes: GET answered 403: "u" cannot list: kubectl apply -f k8s/role.yaml grants it',
    ],
    [new AppError('timeout', 'no answer'), 'kubernetes: the updates are not known: no answer'],
  ])('they do not wait for ever, and say what stands in the way', async (error, message) => {
    const api = openFakeApi({ listed: false });
    const reading = willFail(api.store.open());
    if (error) api.alive(false, error);

    await api.clock.advance(10_000);

    await expect(reading).rejects.toMatchObject({ code: 'unavailable', message });
  });

  test('the end of the store is the end of waiting, and of the watch', async () => {
    const api = openFakeApi({ listed: false });
    const reading = willFail(api.store.open());

    await api.store.close();

    await expect(reading).rejects.toMatchObject({ code: 'unavailable' });
    expect(api.watch().aborted).toBe(true);
    expect(api.clock.pending()).toBe(0);
  });
});

describe('a custom resource that is not there', () => {
  const missing = 'imageupdates.updatekate.dev is not installed: kubectl apply -f k8s/crd.yaml';

  test('is said once for each outage, as an error', () => {
    const api = openFakeApi();
    const error = new AppError('not-found', 'kubernetes: GET answered 404');
    api.alive(false, error);
    api.alive(false, error);
    expect(errors(api)).toEqual([{ namespace: 'own', reason: `kubernetes: ${missing}` }]);

    api.alive(true);
    api.alive(false, error);
    expect(errors(api)).toHaveLength(2);
  });

  test('lets a creation be tried again', async () => {
    const api = openFakeApi();
    const creation = willFail(api.store.create([update]));
    await api.refuse('not-found');

    await expect(creation).rejects.toMatchObject({ code: 'unavailable', message: `kubernetes: ${missing}` });
  });

  test.each([
    ['not-found', '', 'bad-config', `kubernetes: ${missing}`],
    [
      'forbidden',
      '"u" cannot list',
      'bad-config',
      '"u" cannot list: kubectl apply -f k8s/role.yaml grants it',
    ],
    ['unavailable', 'no answer', 'unavailable', 'no answer'],
  ] as const)('check: %s', async (code, text, expected, message) => {
    const api = openFakeApi();
    const checking = willFail(api.store.check(signal));
    await api.refuse(code, text);

    await expect(checking).rejects.toMatchObject({ code: expected, message });
  });

  test('check: a collection that can be listed is all right', async () => {
    const api = openFakeApi();
    const checking = api.store.check(signal);
    await api.answer({ items: [] });

    await checking;
    expect(api.calls).toEqual(['GET']);
    expect(path).toContain('/namespaces/own/');
  });

  test('a namespace that is not there is another matter', async () => {
    const api = openFakeApi();
    const creation = willFail(api.store.create([update]));
    await api.refuse('not-found', 'kubernetes: POST answered 404: namespaces "own" not found');

    await expect(creation).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('namespaces "own"') as unknown,
    });
  });
});
