import { describe, expect, test } from '@jest/globals';
import type { Stored } from '../../src/core/ports.ts';
import { enter } from '../../src/core/update.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { openFakeApi, stored, willFail, type FakeApi } from './kubernetes-fake-api.ts';

const update = anUpdate({ name: 'up-1' });
const finished = enter(update, 'Failed', new Date('2026-01-01T01:00:00Z'), { reason: 'refused' });
const gone = { kind: 'Status', status: 'Success' };

/** A store that has created the record at this version; the watch has not told of it. */
async function created(version: number): Promise<FakeApi> {
  const api = openFakeApi();
  const creation = api.store.create([update]);
  await api.answer(stored(version));
  await creation;
  return api;
}

/** What the copy has: a name that it lacks is not asked for. */
async function known({ store }: FakeApi): Promise<readonly string[]> {
  return (await store.ofWorkload(keyOf(), 10)).map(({ update, revision }) => `${update.name}@${revision}`);
}

describe('a watch that is late', () => {
  test('does not bring back what was before our own write', async () => {
    const api = await created(9);
    const writing = api.store.replace(anUpdate({ name: 'up-1', message: 'mine' }), '9');
    await api.answer(stored(10, { message: 'mine' }));
    await writing;

    api.event('ADDED', stored(9));
    api.event('MODIFIED', stored(10, { message: 'mine' }));

    expect(await api.store.get('up-1')).toMatchObject({ revision: '10', update: { message: 'mine' } });
    expect(api.changes).toEqual([]);
    api.event('MODIFIED', stored(11, { message: 'theirs' }));
    expect(await api.store.get('up-1')).toMatchObject({ revision: '11', update: { message: 'theirs' } });
    expect(api.changes).toEqual(['up-1']);
  });

  test('does not bring back what we removed', async () => {
    const api = await created(5);
    const removal = api.store.remove('up-1', '5');
    await api.answer(gone);
    await removal;

    api.event('ADDED', stored(5));
    api.list(5, stored(5));
    expect(await known(api)).toEqual([]);
    api.event('DELETED', stored(6));

    api.event('ADDED', stored(8, {}, 'uid-2'));
    expect(await known(api)).toEqual(['up-1@8']);
    expect(api.changes).toEqual(['up-1']);
  });

  test('does not take away what was made anew after the removal that it tells of', async () => {
    const api = await created(5);
    const removal = api.store.remove('up-1', '5');
    await api.answer(gone);
    await removal;
    const creation = api.store.create([update]);
    await api.answer(stored(7, {}, 'uid-2'));
    await creation;

    api.event('ADDED', stored(5));
    api.event('DELETED', stored(6));

    expect(await known(api)).toEqual(['up-1@7']);
    expect(api.changes).toEqual([]);
  });

  test('leaves the copy behind: a conflict puts it right', async () => {
    const api = await created(5);
    const writing = willFail(api.store.replace(update, '5'));
    await api.refuse('conflict');
    await api.answer(stored(8, { message: 'theirs' }));

    await expect(writing).rejects.toMatchObject({ code: 'conflict' });
    expect(await api.store.get('up-1')).toMatchObject({ revision: '8' });
    expect(api.calls).toEqual(['POST', 'PUT up-1/status', 'GET up-1']);
  });

  test('leaves the copy behind: a conflict about what is gone by then, too', async () => {
    const api = await created(5);
    const removal = willFail(api.store.remove('up-1', '5'));
    await api.refuse('conflict');
    await api.refuse('not-found');

    await expect(removal).rejects.toMatchObject({ code: 'conflict' });
    expect(await known(api)).toEqual([]);
  });

  test('a conflict of a caller who is behind the copy asks nothing', async () => {
    const api = await created(5);
    api.event('MODIFIED', stored(6));
    const writing = willFail(api.store.replace(update, '5'));
    await api.refuse('conflict');

    await expect(writing).rejects.toMatchObject({ code: 'conflict' });
    expect(api.calls).toEqual(['POST', 'PUT up-1/status']);
  });
});

describe('a watch that is faster than the answer', () => {
  test('does not tell us of our own writes', async () => {
    const api = openFakeApi();
    const creation = api.store.create([update]);
    api.event('ADDED', stored(5));
    await api.answer(stored(5));
    const [first] = await creation;
    const writing = api.store.replace(update, first?.revision ?? '');
    api.event('MODIFIED', stored(6));
    await api.answer(stored(6));
    await writing;

    expect(first?.created).toBe(true);
    expect(api.changes).toEqual([]);
    expect(await known(api)).toEqual(['up-1@6']);
  });

  test('tells of what others did to it meanwhile, and the answer changes nothing', async () => {
    const api = openFakeApi();
    const creation = api.store.create([update]);
    api.event('ADDED', stored(5));
    api.event('MODIFIED', stored(6, { message: 'theirs' }));
    expect(api.changes).toEqual([]);
    await api.answer(stored(5));

    expect((await creation)[0]).toMatchObject({ created: true, revision: '5' });
    expect(api.changes).toEqual(['up-1']);
    expect(await known(api)).toEqual(['up-1@6']);
  });

  test('a removal during a write: the answer does not bring the record back', async () => {
    const api = await created(5);
    const writing = api.store.replace(update, '5');
    api.event('MODIFIED', stored(6));
    api.event('DELETED', stored(7));
    await api.answer(stored(6));
    await writing;

    expect(await known(api)).toEqual([]);
    expect(await api.store.open()).toEqual([]);
    expect(api.changes).toEqual(['up-1']);
  });

  test('a removal during a creation: the answer does not bring the record back', async () => {
    const api = openFakeApi();
    const creation = api.store.create([update]);
    api.event('ADDED', stored(5));
    api.event('DELETED', stored(6));
    await api.answer(stored(5));
    await creation;

    expect(await known(api)).toEqual([]);
  });

  test('a removal is told before it is answered, and the name is free', async () => {
    const api = await created(5);
    const removal = api.store.remove('up-1', '5');
    api.event('DELETED', stored(6));
    api.event('ADDED', stored(7, {}, 'uid-2'));
    await api.answer(gone);
    await removal;

    expect(await known(api)).toEqual(['up-1@7']);
  });
});

describe('an answer that does not come', () => {
  test('to a creation that was written: told by the watch, and a repetition finds it', async () => {
    const api = openFakeApi();
    const creation = willFail(api.store.create([update]));
    await api.refuse('timeout');
    await expect(creation).rejects.toMatchObject({ code: 'timeout' });

    api.event('ADDED', stored(5));
    const again = api.store.create([update]);
    await api.refuse('conflict');

    expect(api.changes).toEqual(['up-1']);
    expect(await again).toMatchObject([{ created: false, revision: '5' }]);
    expect(api.calls).toEqual(['POST', 'POST']);
  });

  test('to a creation of which the watch has told by then: that was not a write of ours', async () => {
    const api = openFakeApi();
    const creation = willFail(api.store.create([update]));
    api.event('ADDED', stored(5));
    expect(api.changes).toEqual([]);
    await api.refuse('timeout');

    await expect(creation).rejects.toMatchObject({ code: 'timeout' });
    expect(api.changes).toEqual(['up-1']);
    expect(await known(api)).toEqual(['up-1@5']);
  });

  test('to a creation, repeated before the watch tells: it is asked for', async () => {
    const api = openFakeApi();
    const creation = willFail(api.store.create([update]));
    await api.refuse('timeout');
    await expect(creation).rejects.toMatchObject({ code: 'timeout' });
    const again = api.store.create([update]);
    await api.refuse('conflict');
    await api.answer(stored(5));

    expect(await again).toMatchObject([{ created: false, revision: '5' }]);
    expect(await known(api)).toEqual(['up-1@5']);
  });

  test('to a write that was written: the next one meets it', async () => {
    const api = await created(5);
    const writing = willFail(api.store.replace(update, '5'));
    await api.refuse('timeout');
    await expect(writing).rejects.toMatchObject({ code: 'timeout' });
    const again = willFail(api.store.replace(update, '5'));
    await api.refuse('conflict');
    await api.answer(stored(6));
    await expect(again).rejects.toMatchObject({ code: 'conflict' });

    expect(await known(api)).toEqual(['up-1@6']);
  });
});

describe('a record that others remove', () => {
  test('is gone from the copy when a write says so', async () => {
    const api = await created(5);
    const writing = willFail(api.store.replace(update, '5'));
    await api.refuse('not-found');

    await expect(writing).rejects.toMatchObject({ code: 'not-found' });
    expect(await known(api)).toEqual([]);
  });

  test('between a refused creation and the look at it is created after all', async () => {
    const api = openFakeApi();
    const creation = api.store.create([update]);
    await api.refuse('conflict');
    await api.refuse('not-found');
    await api.answer(stored(9));

    expect(await creation).toMatchObject([{ created: true, revision: '9' }]);
  });

  test('again and again is given up', async () => {
    const api = openFakeApi();
    const creation = willFail(api.store.create([update]));
    for (let attempt = 0; attempt < 3; attempt++) {
      await api.refuse('conflict');
      await api.refuse('not-found');
    }

    await expect(creation).rejects.toMatchObject({ code: 'unavailable' });
    expect(api.calls).toHaveLength(6);
  });

  test('is told of when it was not finished', async () => {
    const api = openFakeApi();
    api.event('ADDED', stored(5));
    api.event('ADDED', stored(6, { ...finished, name: 'up-2' }, 'uid-2'));
    api.event('DELETED', stored(7));
    api.event('DELETED', stored(8, { ...finished, name: 'up-2' }, 'uid-2'));

    expect(api.changes).toEqual(['up-1', 'up-2', 'up-1']);
    expect(await known(api)).toEqual([]);
  });
});

describe('a new list', () => {
  const names = ({ update }: Stored): string => update.name;

  test('takes what is not in it away, but not what was written since', async () => {
    const api = await created(9);
    api.event('ADDED', stored(8, { name: 'up-2' }, 'uid-2'));

    api.list(8);

    expect(await known(api)).toEqual(['up-1@9']);
    expect(api.changes).toEqual(['up-2', 'up-2']);
  });

  test('tells of what others wrote while nothing was watched, the first one does not', async () => {
    const api = openFakeApi({ listed: false });
    api.list(4, stored(3), stored(4, { ...finished, name: 'up-2' }, 'uid-2'));
    expect(api.changes).toEqual([]);

    const third = stored(10, { name: 'up-3' }, 'uid-3');
    api.list(10, stored(3), stored(9, { ...finished, name: 'up-2', message: 'x' }, 'uid-2'), third);

    expect(api.changes).toEqual(['up-2', 'up-3']);
    expect((await api.store.open()).map(names)).toEqual(['up-1', 'up-3']);
  });

  test('that lacks what we removed ends the memory of it', async () => {
    const api = await created(5);
    const removal = api.store.remove('up-1', '5');
    await api.answer(gone);
    await removal;

    api.list(6);
    api.event('ADDED', stored(7));

    expect(await known(api)).toEqual(['up-1@7']);
  });

  test('before it, what we write ourselves is known by name', async () => {
    const api = openFakeApi({ listed: false });
    const creation = api.store.create([update]);
    await api.answer(stored(5));
    await creation;

    expect(await api.store.get('up-1')).toMatchObject({ revision: '5' });
    expect(api.calls).toEqual(['POST']);
    api.list(4);
    expect(await known(api)).toEqual(['up-1@5']);
  });
});
