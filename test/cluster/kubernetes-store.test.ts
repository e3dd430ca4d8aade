import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askedFor } from '../../src/core/approval.ts';
import type { Rest, RestCall } from '../../src/core/rest.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { changedImageUpdate, newImageUpdate } from '../../src/stores/image-update.ts';
import { storeContract } from '../contract/store.ts';
import { anyUpdate, asNew } from '../stores/any-update.ts';
import { openKubernetesStore, type OpenStore } from '../stores/kubernetes-support.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { onOwnCluster } from './own-cluster.ts';
import { openOwnNamespace, type OwnNamespace } from './own-namespace.ts';
import { waitFor } from './wait-for.ts';

const signal = new AbortController().signal;
const failedAt = new Date('2026-01-01T00:01:00Z');
let own: OwnNamespace;
/** What the store says of a cluster that lacks the custom resource. */
let withoutDefinition: unknown;

beforeAll(async () => {
  own = await openOwnNamespace('records', async (admin, namespace) => {
    const early = openKubernetesStore(admin, namespace);
    withoutDefinition = await early.store.check(signal).catch((error: unknown) => error);
    await early.store.close();
  });
});

afterAll(() => own.close());

/** The store of the namespace, which has no records. */
async function openEmpty(with_: Rest = own.rest): Promise<OpenStore> {
  await own.clear('imageupdates');
  const open = openKubernetesStore(with_, own.name);
  await open.store.synced;
  return open;
}

async function two(): Promise<readonly [OpenStore, OpenStore]> {
  const one = await openEmpty();
  const other = openKubernetesStore(own.rest, own.name);
  await other.store.synced;
  return [one, other];
}

const close = (...stores: readonly OpenStore[]): Promise<unknown> =>
  Promise.all(stores.map(({ store }) => store.close()));
const names = async ({ store }: OpenStore): Promise<readonly string[]> =>
  (await store.open()).map(({ update }) => update.name);
const named = (name: string, different: Partial<Update> = {}): Update => anUpdate({ name, ...different });
const failed = (update: Update): Update =>
  enter(update, 'Failed', failedAt, { reason: 'ImagePullBackOff', message: 'pod shop-1: no such tag' });

storeContract('kubernetes, a real API server', async () => (await openEmpty()).store);

describe('two replicas', () => {
  test('what one writes the other is told of, and sees; what it writes itself it is not told of', async () => {
    const [one, other] = await two();
    const [created] = await one.store.create([named('up-1')]);
    await other.until(() => other.changes.length === 1);
    const changed = await one.store.replace(failed(named('up-1')), created?.revision ?? '');
    await other.until(() => other.changes.length === 2);
    const seen = await other.store.ofWorkload(keyOf(), 1);
    await other.store.create([named('up-2')]);
    await one.until(() => one.changes.length > 0);

    expect(seen).toEqual([changed]);
    expect([one.changes, other.changes]).toEqual([['up-2'], ['up-1', 'up-1']]);
    await close(one, other);
  });

  test('what a person deletes before its end is told of', async () => {
    const [one, other] = await two();
    await one.store.create([named('up-1')]);
    await own.kubectl(['delete', 'iu', 'up-1']);
    await one.until(() => one.changes.length > 0);

    expect(await one.store.get('up-1')).toBeUndefined();
    expect((await one.store.create([named('up-1')]))[0]?.created).toBe(true);
    await close(one, other);
  });

  test('two equal writes over one revision: the second is refused', async () => {
    const [one, other] = await two();
    const [created] = await one.store.create([named('up-1')]);
    // What is written again and again is there already: the server would take that for no write at all.
    const written = await one.store.replace(named('up-1'), created?.revision ?? '');
    const write = ({ store }: OpenStore): Promise<unknown> => store.replace(named('up-1'), written.revision);

    const outcomes = await Promise.allSettled([write(one), write(one), write(other)]);

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await close(one, other);
  });

  onOwnCluster('an API server that is killed and comes back: nothing is missed', async () => {
    const [one, other] = await two();
    const [first] = await one.store.create([named('up-1'), named('up-2')]);
    await other.until(() => other.changes.length === 2);

    await own.cluster.apiServer?.kill('SIGKILL');
    await expect(one.store.create([named('up-3')])).rejects.toMatchObject({ code: 'unavailable' });
    await own.cluster.apiServer?.start();
    // An API server that has just started may not have read the roles yet.
    await waitFor('a write', 30_000, () => one.store.create([named('up-3')]).catch(() => undefined));
    await one.store.replace(failed(named('up-1')), first?.revision ?? '');
    await own.kubectl(['delete', 'iu', 'up-2']);
    await Promise.all([
      one.until(() => one.changes.length > 0),
      other.until(() => other.changes.length >= 5),
    ]);

    expect(other.changes.slice(2).sort()).toEqual(['up-1', 'up-2', 'up-3']);
    expect(await names(other)).toEqual(['up-3']);
    expect(await other.store.ofWorkload(keyOf(), 10)).toEqual(await one.store.ofWorkload(keyOf(), 10));
    await close(one, other);
  });
});

/** What an object says. */
interface Parts {
  readonly spec: object;
  readonly status: object;
}

describe('the records', () => {
  test('300 of them are listed in pages', async () => {
    const pages: RestCall[] = [];
    const inPages: Rest = {
      ...own.rest,
      json(call, end) {
        if (call.query?.limit === undefined) return own.rest.json(call, end);
        pages.push(call);
        return own.rest.json({ ...call, query: { ...call.query, limit: '100' } }, end);
      },
    };
    const one = await openEmpty();
    const all = Array.from({ length: 300 }, (_, n) => `up-${String(n).padStart(3, '0')}`);
    await one.store.create(all.map((name) => named(name)));

    const late = openKubernetesStore(inPages, own.name);

    expect(await names(late)).toEqual(all);
    expect(pages.map(({ query }) => typeof query?.continue)).toEqual(['undefined', 'string', 'string']);
    expect(late.changes).toEqual([]);
    await close(one, late);
  });

  test('lose nothing on the server, whatever is in them', async () => {
    const one = await openEmpty();
    const updates = fc.sample(anyUpdate, 40).map((drawn) => ({
      ...drawn,
      digest: `sha256:${'a'.repeat(64)}`,
    }));
    for (const whole of updates) {
      const [created] = await one.store.create([asNew(whole)]);
      const replaced = await one.store.replace(whole, created?.revision ?? '');
      const path = `${own.pathOf('imageupdates')}/${whole.name}`;
      const { spec, status } = (await own.rest.json({ method: 'GET', path }, signal)) as Parts;

      const sent = {
        ...(newImageUpdate(whole) as object),
        ...(changedImageUpdate(whole, '1', '') as object),
      };
      const expected = JSON.parse(JSON.stringify(sent)) as Parts;
      expect(created?.update).toEqual(asNew(whole));
      expect(replaced.update).toEqual(whole);
      expect(spec).toEqual(expected.spec);
      expect({ ...status, writtenBy: '' }).toEqual(expected.status);
    }
    const late = openKubernetesStore(own.rest, own.name);
    await late.store.synced;
    for (const whole of updates) expect((await late.store.get(whole.name))?.update).toEqual(whole);
    await close(one, late);
  });

  test('take two kilobytes each, or not much more', async () => {
    const one = await openEmpty();
    const [created] = await one.store.create([anUpdate()]);
    const delivering = enter(anUpdate(), 'Delivering', failedAt);
    const done = enter(enter(delivering, 'RollingOut', failedAt), 'Succeeded', failedAt);
    const dueAt = failedAt.toISOString();
    const told = {
      receiver: 'webhook',
      event: 'update.succeeded',
      state: 'sent',
      attempts: 1,
      dueAt,
    } as const;
    await one.store.replace({ ...done, announcements: [told] }, created?.revision ?? '');

    const kept = await own.kubectl(['get', 'iu', done.name, '-o', 'json', '--show-managed-fields']);
    const bytes = JSON.stringify(JSON.parse(kept)).length;

    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(3000);
    await one.store.close();
  });

  test('one of a version to come is named once, and is in nobody\u2019s way', async () => {
    const one = await openEmpty();
    const foreign = newImageUpdate(named('up-9', { workload: { ...keyOf(), kind: 'Job' as never } }));
    await own.kubectl(['create', '--filename', '-'], JSON.stringify(foreign));
    await own.kubectl(['annotate', 'iu', 'up-9', 'seen=1']);
    await one.store.create([named('up-1')]);
    const late = openKubernetesStore(own.rest, own.name);

    expect(await names(late)).toEqual(['up-1']);
    expect(await late.store.get('up-9')).toBeUndefined();
    const complaints = late.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields);
    expect(complaints).toEqual([
      {
        namespace: own.name,
        update: 'up-9',
        reason: expect.stringContaining('spec.workload.kind') as unknown,
      },
    ]);
    await close(one, late);
  });
});

describe('kubectl', () => {
  /** A table of kubectl, its cells apart by two spaces or more. */
  const table = async (...args: readonly string[]): Promise<readonly (readonly string[])[]> => {
    const printed = await own.kubectl(['get', 'iu', ...args]);
    return printed
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd().split(/ {2,}/));
  };

  test('get iu says which workload, which tag, how far and why', async () => {
    const one = await openEmpty();
    const cart = named('up-2', { workload: keyOf('cart'), tag: '2.0.0' });
    const [created] = await one.store.create([named('up-1'), cart]);
    await one.store.replace(failed(named('up-1')), created?.revision ?? '');

    const [titles, first] = await table();
    const [, wide] = await table('up-1', '-o', 'wide');
    const age = expect.stringMatching(/^\d+s$/) as unknown;

    expect(titles).toEqual(['NAME', 'WORKLOAD', 'TAG', 'PHASE', 'REASON', 'AGE']);
    expect(first).toEqual(['up-1', 'shop', '1.1.0', 'Failed', 'ImagePullBackOff', age]);
    expect(wide).toEqual([
      ...['up-1', 'shop', '1.1.0', 'Failed', 'ImagePullBackOff', age],
      ...['default', 'quay.io/acme/shop', 'pod shop-1: no such tag'],
    ]);
    const [, pending] = await table('up-2');
    expect(pending?.slice(0, 4)).toEqual(['up-2', 'cart', '2.0.0', 'Pending']);
    const chosen = await table('--field-selector', 'spec.workload.name=shop,status.phase=Failed');
    expect(chosen.map(([name]) => name)).toEqual(['NAME', 'up-1']);
    await one.store.close();
  });

  const object = newImageUpdate(named('up-junk')) as { readonly spec: object };
  test.each([
    ['no spec', { ...object, spec: undefined }, 'spec: Required value'],
    ['no tag', { ...object, spec: { ...object.spec, tag: undefined } }, 'spec.tag: Required value'],
    ['a number', { ...object, spec: { ...object.spec, tag: 1 } }, 'spec.tag: Invalid value'],
    ['no time', { ...object, spec: { ...object.spec, createdAt: 'now' } }, 'spec.createdAt: Invalid value'],
    ['half a move', { ...object, spec: { ...object.spec, moves: [{ to: 'a' }] } }, 'spec.moves[0].container'],
    ['an unknown field', { ...object, spec: { ...object.spec, colour: 'red' } }, 'spec.colour'],
  ])('apply of %s is refused by name', async (_what, junk, field) => {
    const applied = own.kubectl(['apply', '--filename', '-'], JSON.stringify(junk));

    await expect(applied).rejects.toThrow(field);
  });

  test.each([
    [{ phase: 'Dreaming' }, 'status.phase: Unsupported value'],
    [{ announcements: [{ receiver: 'r' }] }, 'status.announcements[0].event: Required value'],
    [{ finishedAt: 'soon' }, 'status.finishedAt: Invalid value'],
  ])('a status of %j is refused by name', async (status, field) => {
    const one = await openEmpty();
    await one.store.create([named('up-1')]);
    const patch = JSON.stringify({ status });

    const patched = own.kubectl(['patch', 'iu', 'up-1', '--subresource=status', '--type=merge', '-p', patch]);

    await expect(patched).rejects.toThrow(field);
    await one.store.close();
  });

  test('edit of a record that would take back a vote is refused', async () => {
    const one = await openEmpty();
    const [created] = await one.store.create([named('up-1')]);
    const rules = { votes: 2, approvers: ['ann', 'bob'], deadlineMs: 60_000, requesterMayApprove: false };
    const vote = { by: { id: 'ann', name: 'ann' }, vote: 'approve' as const, via: 'api' };
    const asked = enter(named('up-1'), 'AwaitingApproval', new Date());
    const approval = askedFor(asked, rules, new Date());
    const given = [{ ...vote, at: new Date().toISOString() }];
    await one.store.replace({ ...asked, approval: { ...approval, given } }, created?.revision ?? '');
    const patch = JSON.stringify({ status: { approval: { given: [] } } });

    const patched = own.kubectl(['patch', 'iu', 'up-1', '--subresource=status', '--type=merge', '-p', patch]);

    await expect(patched).rejects.toThrow('votes are only ever added');
    expect((await one.store.get('up-1'))?.update.approval?.given).toHaveLength(1);
    await one.store.close();
  });

  test('edit of what an update is is refused', async () => {
    const one = await openEmpty();
    await one.store.create([named('up-1')]);

    const patched = own.kubectl(['patch', 'iu', 'up-1', '--type=merge', '-p', '{"spec":{"tag":"6.6.6"}}']);

    await expect(patched).rejects.toThrow('spec is immutable');
    await one.store.close();
  });
});

describe('the start', () => {
  onOwnCluster('without the custom resource is a fault of the configuration, and says what to do', () => {
    expect(withoutDefinition).toMatchObject({
      code: 'bad-config',
      message: 'kubernetes: imageupdates.updatekate.dev is not installed: kubectl apply -f k8s/crd.yaml',
    });
  });

  test('in a namespace where the Role is missing is one too', async () => {
    const elsewhere = openKubernetesStore(own.rest, 'default');

    await expect(elsewhere.store.check(signal)).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('kubectl apply -f k8s/role.yaml') as unknown,
    });
    await elsewhere.store.close();
  });

  test('with all that k8s/ grants is none', async () => {
    const one = await openEmpty();

    await expect(one.store.check(signal)).resolves.toBeUndefined();
    await one.store.close();
  });
});
