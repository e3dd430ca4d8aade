import { describe, expect, test } from '@jest/globals';
import type { Change } from '../../src/embedded/event-log.ts';
import type { KubeObject } from '../../src/embedded/objects.ts';
import { resourceNamed } from '../../src/embedded/resources.ts';
import { createState } from '../../src/embedded/state.ts';

const pods = resourceNamed('pods');
const leases = resourceNamed('leases');

function pod(name: string, namespace = 'default', owner?: string): KubeObject {
  const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'set', controller: true };
  const ownerReferences = owner === undefined ? [] : [{ ...reference, uid: owner }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, ownerReferences } };
}

describe('state', () => {
  test('every change of any resource takes the next version', () => {
    const state = createState();
    const first = state.put(pods, pod('a'));
    const second = state.put(leases, pod('b'));
    const gone = state.remove(pods, 'default', 'a');

    expect([first, second, gone].map((object) => object?.metadata.resourceVersion)).toEqual(['1', '2', '3']);
    expect(state.version()).toBe(3);
    expect(state.get(pods, 'default', 'a')).toBeUndefined();
  });

  test('removing what is not there is no change', () => {
    const state = createState();

    expect(state.remove(pods, 'default', 'nobody')).toBeUndefined();
    expect(state.version()).toBe(0);
  });

  test('lists are ordered by namespace and name, whatever came first', () => {
    const state = createState();
    for (const [name, namespace] of [
      ['b', 'x'],
      ['a', 'y'],
      ['a', 'x'],
    ] as const) {
      state.put(pods, pod(name, namespace));
      state.list(pods);
    }

    expect(state.list(pods).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
      'x/a',
      'x/b',
      'y/a',
    ]);
  });

  test('subscribers see type, object and what was before', () => {
    const state = createState();
    const seen: Change[] = [];
    const unsubscribe = state.subscribe((change) => seen.push(change));
    state.put(pods, pod('a'));
    state.put(pods, pod('a'));
    state.remove(pods, 'default', 'a');
    unsubscribe();
    state.put(pods, pod('b'));

    expect(
      seen.map(({ type, version, previous }) => [type, version, previous?.metadata.resourceVersion]),
    ).toEqual([
      ['ADDED', 1, undefined],
      ['MODIFIED', 2, '1'],
      ['DELETED', 3, '2'],
    ]);
  });

  test('the log forgets: what is older than it is unknown, as is what is still to come', () => {
    const state = createState({ logSize: 2 });
    for (const name of ['a', 'b', 'c', 'd']) state.put(pods, pod(name));

    expect(state.since(2)?.map(({ version }) => version)).toEqual([3, 4]);
    expect(state.since(4)).toEqual([]);
    expect(state.since(1)).toBeUndefined();
    expect(state.since(5)).toBeUndefined();

    state.compact();

    expect(state.since(3)).toBeUndefined();
    expect(state.since(4)).toEqual([]);
    expect(state.put(pods, pod('e')).metadata.resourceVersion).toBe('5');
  });

  test('children are found by the uid of their controller, as long as they are there', () => {
    const state = createState();
    state.put(pods, pod('a', 'default', 'owner'));
    state.put(pods, pod('a', 'default', 'owner'));
    state.put(pods, pod('b', 'default', 'owner'));
    state.put(pods, pod('c', 'default', 'other'));
    const both = state.ownedBy('owner').map(({ object }) => object.metadata.name);
    state.remove(pods, 'default', 'a');
    state.put(pods, pod('b'));

    expect(both).toEqual(['a', 'b']);
    expect(state.ownedBy('owner')).toEqual([]);
  });
});
