import { expect, test } from '@jest/globals';
import type { ApiCall } from './api-call.ts';
import type { Evidence } from './evidence.ts';
import { unfinished, violations } from './invariants/index.ts';
import type { Write } from './journal.ts';
import type { Push } from './pusher.ts';
import type { Told } from './receiver.ts';
import type { Sample } from './service-front.ts';
import { imageOf } from './tags.ts';

// A check that cannot fail proves nothing: each is shown what it is there to find.

const image = imageOf('app-1', '1.0.1');
const push: Push = {
  ...{ deployment: 'app-1', tag: '1.0.1', kind: 'new', tries: 1, status: 202 },
  ...{ ackedAtMs: 1, updates: ['up-1'], parked: false },
};
const record = { name: 'up-1', deployment: 'app-1', tag: '1.0.1', phase: 'Succeeded', reason: undefined };
const call: ApiCall = {
  ...{ replica: 'replica-1', verb: 'patch', resource: 'deployments', name: 'app-1' },
  ...{ phase: undefined, approval: undefined, told: [], images: [image], holder: undefined },
};
const patch: Write = { call, sentAtMs: 2, outcome: 200 };
const told: Told = {
  ...{ replica: 'replica-1', id: 'msg-1', deployment: 'app-1', image, status: 'succeeded' },
  ...{ signed: true, skewSeconds: 0, atMs: 4, answered: 204 },
};
const sample: Sample = { replica: 'replica-1', startedAtMs: 0, tookMs: 5, result: 202, disturbed: false };
const first = { image: imageOf('app-1', '1.0.0'), generation: 1, atMs: 0 };
const moved = { image, generation: 2, atMs: 3 };

const sound: Evidence = {
  ...{ pushes: [push], records: [record], changes: new Map([['app-1', [first, moved]]]) },
  ...{ writes: [patch], told: [told], samples: [sample], exits: [] },
  ...{ asking: new Map(), approvers: [], casts: [], takenAtMs: 0 },
};

function found(change: Partial<Evidence>, judgeTimes = false): readonly string[] {
  const evidence = { ...sound, ...change };
  const all = [...unfinished(evidence), ...violations(evidence, { judgeTimes })];
  return [...new Set(all.map((line) => line.slice(0, line.indexOf(':'))))];
}

test('nothing is found where all is as it must be', () => {
  expect(found({}, true)).toEqual([]);
});

const higher = imageOf('app-1', '1.0.2');
const patchTo = (to: string, sentAtMs: number): Write => ({
  ...patch,
  sentAtMs,
  call: { ...call, images: [to] },
});
const exit = { replica: 'replica-1', code: 1, signal: null, asked: false };

test.each<readonly [string, Partial<Evidence>, readonly string[]]>([
  ['an acknowledged update without a record', { records: [] }, ['lost']],
  [
    'an acknowledged update that is never finished',
    { records: [{ ...record, phase: 'RollingOut' }] },
    ['not finished'],
  ],
  [
    'an acknowledged push without an update, which is not done',
    { pushes: [push, { ...push, tag: '1.0.2', updates: [], parked: true }] },
    ['not there'],
  ],
  ['an end that nobody was told', { told: [] }, ['not told', 'not measured']],
  ['an end that was told and not taken', { told: [{ ...told, answered: 500 }] }, ['not told']],
  ['two patches to one image', { writes: [patch, { ...patch, sentAtMs: 2.5 }] }, ['done twice']],
  [
    'a patch that is repeated although the first, whose answer was lost, was there',
    { writes: [{ ...patch, outcome: 'unknown' }, patchTo(image, 4)] },
    ['done twice'],
  ],
  [
    'a patch by a replica that does not lead, after the first',
    { writes: [patch, patchTo(image, 9)] },
    ['done twice'],
  ],
  ['a patch that the observer did not see work', { writes: [patch, patchTo(higher, 4)] }, ['not seen']],
  [
    'an image that nobody asked for',
    { changes: new Map([['app-1', [first, moved, { image: higher, generation: 3, atMs: 5 }]]]) },
    ['not there', 'not patched'],
  ],
  [
    'a change between two looks',
    { changes: new Map([['app-1', [first, { ...moved, generation: 3 }]]]) },
    ['not measured'],
  ],
  [
    'a lower version',
    {
      changes: new Map([['app-1', [first, moved, { ...first, generation: 3, atMs: 5 }]]]),
      writes: [patch, patchTo(first.image, 4)],
    },
    ['not there', 'moved back', 'done twice'],
  ],
  ['two records of one push', { records: [record, { ...record, name: 'up-2' }] }, ['recorded twice']],
  [
    'an update that ended otherwise',
    { records: [{ ...record, phase: 'Failed' }] },
    ['not told', 'wrong record'],
  ],
  [
    'an update that is passed over without a reason',
    { records: [{ ...record, phase: 'Superseded' }] },
    ['wrong record'],
  ],
  [
    'an end that was not reached',
    { records: [record, { ...record, name: 'up-2', tag: '1.0.2' }] },
    ['not told', 'wrong record'],
  ],
  ['a second id for one end', { told: [told, { ...told, id: 'msg-2' }] }, ['wrong id']],
  ['one id for two ends', { told: [told, { ...told, image: higher }] }, ['wrong id']],
  ['a signature that is wrong', { told: [{ ...told, signed: false }] }, ['wrong signature']],
  ['a timestamp that a receiver refuses', { told: [{ ...told, skewSeconds: 301 }] }, ['wrong timestamp']],
  ['an answer that took too long for any machine', { samples: [{ ...sample, tookMs: 5001 }] }, ['slow']],
  ['a process that ended by itself', { exits: [exit] }, ['ended by itself']],
  ['a run without a push', { pushes: [], samples: [] }, ['not measured']],
])('%s is found', (_, change, expected) => {
  expect([...found(change)].sort()).toEqual([...expected].sort());
});

test('an answer later than promised is found where times are judged, and only counted elsewhere', () => {
  const samples = [{ ...sample, tookMs: 401 }];

  expect(found({ samples }, true)).toEqual(['slow']);
  expect(found({ samples }, false)).toEqual([]);
});

test('what a killed or frozen replica answered late does not count', () => {
  const samples = [sample, { ...sample, tookMs: 9000, disturbed: true }];

  expect(found({ samples }, true)).toEqual([]);
});
