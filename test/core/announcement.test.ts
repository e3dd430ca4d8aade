import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  eventOf,
  eventTypes,
  isEventType,
  outgoingEvent,
  type EventType,
} from '../../src/core/announcement.ts';
import { askedFor, type Vote } from '../../src/core/approval.ts';
import { transitions, type Phase } from '../../src/core/phases.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { anUpdate } from '../support/builders.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const name = 'up-5cda37ce08ca1b617069101933d11c90de246f4c';
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const delivering = enter(anUpdate(), 'Delivering', at(1));
const rollingOut = enter(delivering, 'RollingOut', at(2));
const succeeded = enter(rollingOut, 'Succeeded', at(9));

describe('outgoingEvent', () => {
  test('of a success is this JSON', () => {
    const event = outgoingEvent(succeeded);

    expect(JSON.stringify(event, undefined, 2)).toBe(`{
  "timestamp": "2026-01-01T00:00:09.000Z",
  "repository": "shop",
  "namespace": "default",
  "docker_url": "quay.io/acme/shop:1.1.0",
  "id": "${name}-succeeded",
  "type": "update.succeeded",
  "cluster": "default",
  "kind": "Deployment",
  "deployment": "shop",
  "container": "app",
  "containers": [
    "app"
  ],
  "image": "quay.io/acme/shop:1.1.0",
  "previousImage": "quay.io/acme/shop:1.0.0",
  "digest": null,
  "status": "succeeded",
  "reason": null,
  "message": null,
  "approvedBy": [],
  "durationMs": 9000,
  "verdictUrl": null
}`);
  });

  test('of a failure is this JSON', () => {
    const [first] = rollingOut.moves;
    const moves = first ? [first, { ...first, container: 'migrate', init: true }] : [];
    const failed = enter({ ...rollingOut, digest, moves }, 'Failed', at(60), {
      reason: 'ImagePullBackOff',
      message: 'pod shop-1, container app: not found',
    });

    const event = outgoingEvent(failed);

    expect(JSON.parse(JSON.stringify(event))).toEqual({
      timestamp: '2026-01-01T00:01:00.000Z',
      repository: 'shop',
      namespace: 'default',
      docker_url: 'quay.io/acme/shop:1.1.0',
      id: `${name}-failed`,
      type: 'update.failed',
      cluster: 'default',
      kind: 'Deployment',
      deployment: 'shop',
      container: 'app',
      containers: ['app', 'migrate'],
      image: 'quay.io/acme/shop:1.1.0',
      previousImage: 'quay.io/acme/shop:1.0.0',
      digest,
      status: 'failed',
      reason: 'ImagePullBackOff',
      message: 'pod shop-1, container app: not found',
      approvedBy: [],
      durationMs: 60_000,
      verdictUrl: null,
    });
  });

  test.each([
    ['docker.io/library/shop', 'shop:1.1.0', 'shop:1.1.0'],
    ['host:5000/shop', 'host:5000/shop:1.1.0', 'host:5000/shop:1.1.0'],
    ['quay.io/acme/shop', `quay.io/acme/shop:1.1.0@${digest}`, 'quay.io/acme/shop:1.1.0'],
    ['quay.io/acme/shop', 'no image!', 'quay.io/acme/shop:1.1.0'],
  ])('of %s at %s has the docker_url %s', (repository, to, url) => {
    const moves = [{ container: 'app', init: false, from: 'shop:1.0.0', to }];

    const event = outgoingEvent({ ...succeeded, repository, moves });

    expect(event?.docker_url).toBe(url);
  });

  const silent = (Object.keys(transitions) as Phase[]).filter(
    (phase) => !['Succeeded', 'Failed'].includes(phase),
  );
  test.each(silent)('of an update that is %s, and that nobody was asked about, is none', (phase) => {
    const update = anUpdate({ phase, history: [{ phase, at: at(9).toISOString() }] });

    expect(eventOf(update)).toBeUndefined();
    expect(outgoingEvent(update)).toBeUndefined();
  });

  test('of a record that moves nothing is none', () => {
    expect(outgoingEvent({ ...succeeded, moves: [] })).toBeUndefined();
  });
});

const rules = { votes: 2, approvers: ['rbac'], deadlineMs: 3_600_000, requesterMayApprove: false };
const ann: Vote = {
  by: { id: 'ann@acme.example', name: 'ann', email: 'ann@acme.example' },
  ...{ vote: 'approve', at: at(2).toISOString(), via: 'api' },
};
const root: Vote = {
  by: { id: 'token:admin', name: 'admin' },
  ...{ vote: 'override', at: at(3).toISOString(), via: 'api', reason: 'outage' },
};
const no: Vote = {
  by: { id: 'slack:T1/U1', name: 'eve' },
  vote: 'reject',
  at: at(3).toISOString(),
  via: 'slack',
};

/** An update that people are asked about since second 1. */
function waiting(given: readonly Vote[] = []): Update {
  const cause = { reason: 'approval', message: '0 of 2 approvals' };
  const update = enter(anUpdate(), 'AwaitingApproval', at(1), cause);
  return { ...update, approval: { ...askedFor(update, rules, at(1)), given } };
}

/** An update that people were asked about, once it has come through these phases, a second each from 4 on. */
function after(given: readonly Vote[], ...phases: readonly Phase[]): Update {
  const why = { reason: 'because', message: 'of this' };
  return phases.reduce((update, phase, n) => enter(update, phase, at(4 + n), why), waiting(given));
}

describe('of an update that people are asked about', () => {
  test.each<[EventType, Update, object]>([
    [
      'update.awaiting-approval',
      waiting(),
      { reason: 'approval', message: '0 of 2 approvals', approvedBy: [], durationMs: 1000 },
    ],
    [
      'update.approved',
      after([ann, root], 'Delivering'),
      { approvedBy: ['ann@acme.example', 'admin'], durationMs: 4000 },
    ],
    [
      'update.rejected',
      after([ann, no], 'Rejected'),
      { reason: 'because', approvedBy: ['ann@acme.example'] },
    ],
    [
      'update.expired',
      after([ann], 'Expired'),
      { reason: 'because', message: 'of this', approvedBy: ['ann@acme.example'] },
    ],
    ['update.superseded', after([], 'Superseded'), { reason: 'because', approvedBy: [] }],
    [
      'update.succeeded',
      after([root], 'Delivering', 'RollingOut', 'Succeeded'),
      { approvedBy: ['admin'], durationMs: 6000 },
    ],
    ['update.failed', after([root], 'Delivering', 'Failed'), { message: 'of this', approvedBy: ['admin'] }],
  ])('the phase is told as %s', (type, update, expected) => {
    const status = type.replace('update.', '');

    expect(eventOf(update)).toBe(type);
    expect(outgoingEvent(update)).toMatchObject({
      type,
      status,
      id: `${update.name}-${status}`,
      ...expected,
    });
  });

  test.each<Phase>(['Pending', 'Scheduled', 'RollingOut', 'Verifying', 'RolledBack'])(
    '%s is told to nobody',
    (phase) => {
      expect(eventOf({ ...waiting(), phase })).toBeUndefined();
    },
  );

  test('it says what is asked, of whom, until when, and who has said what', () => {
    const update = waiting([ann, root]);

    expect(outgoingEvent(update)?.approval).toEqual({
      ...{
        votes: 2,
        approvers: ['rbac'],
        deadlineAt: '2026-01-01T01:00:01.000Z',
        hash: update.approval?.hash,
      },
      given: [
        { by: 'ann@acme.example', vote: 'approve', at: at(2).toISOString() },
        { by: 'admin', vote: 'override', at: at(3).toISOString(), reason: 'outage' },
      ],
    });
    expect(outgoingEvent(succeeded)).not.toHaveProperty('approval');
  });

  test('what is told late is told as it was, from the history', () => {
    const update = after([ann], 'Delivering', 'RollingOut', 'Succeeded');

    expect(outgoingEvent(update, 'update.awaiting-approval')).toMatchObject({
      ...{ type: 'update.awaiting-approval', timestamp: at(1).toISOString(), durationMs: 1000 },
      ...{ reason: 'approval', message: null },
    });
    expect(outgoingEvent(update, 'update.approved')).toMatchObject({
      ...{ timestamp: at(4).toISOString(), reason: 'because', message: null },
    });
  });

  test('what has not happened is not told', () => {
    for (const type of ['update.approved', 'update.succeeded', 'update.rejected'] as const)
      expect(outgoingEvent(waiting(), type)).toBeUndefined();
  });

  test('an event is told the same however far the update has come since, but for its message and the votes', () => {
    const lives = fc.constantFrom<readonly Phase[]>(
      ['Delivering', 'RollingOut', 'Succeeded'],
      ['Delivering', 'Failed', 'RolledBack'],
      ['Scheduled', 'Delivering', 'Superseded'],
      ['Rejected'],
      ['Expired'],
    );

    fc.assert(
      fc.property(lives, (phases) => {
        const states = phases.map((_, n) => after([ann], ...phases.slice(0, n + 1)));
        const end = states.at(-1) ?? waiting();
        for (const update of states) {
          const then = outgoingEvent(update);
          if (then)
            expect(outgoingEvent(end, then.type)).toEqual({
              ...then,
              message: end === update ? 'of this' : null,
            });
        }
      }),
    );
  });
});

test.each([
  ...Object.keys(eventTypes).map((type) => [type, true] as const),
  ...['update.recorded', 'toString', '__proto__', 'succeeded', ''].map((type) => [type, false] as const),
])('whether %j is an event of this version: %p', (text, expected) => {
  expect(isEventType(text)).toBe(expected);
});
