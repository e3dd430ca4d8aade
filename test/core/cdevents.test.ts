import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { outgoingEvent } from '../../src/core/announcement.ts';
import { cdEvent, chainIdOf } from '../../src/core/cdevents.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { cdEventFaults } from '../support/cdevents-rules.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const created = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number): Date => new Date(created.getTime() + seconds * 1000);
const rolling = enter(enter(anUpdate(), 'Delivering', later(1)), 'RollingOut', later(2));
const succeeded = enter(rolling, 'Succeeded', later(42));
const cause = { reason: 'ImagePullBackOff', message: 'pod shop-1: not found' };
const failed = enter({ ...rolling, digest }, 'Failed', later(60), cause);
const versions = [
  ['cdevents', '0.5.1'],
  ['cdevents-0.4', '0.4.1'],
] as const;

/** As a receiver has it. */
function received(update: Update, version: '0.5.1' | '0.4.1'): unknown {
  return JSON.parse(JSON.stringify(cdEvent(update, version)));
}

const words = fc.string({ unit: 'binary' });
const someWords = fc.string({ unit: 'binary', minLength: 1 });
/** Ended updates with any text where text can be. */
const ended = fc
  .record({
    name: someWords,
    place: fc.tuple(someWords, someWords, someWords),
    image: fc.record({
      repository: someWords,
      tag: someWords,
      digest: fc.option(someWords, { nil: undefined }),
    }),
    images: fc.array(fc.tuple(someWords, words, words), { minLength: 1, maxLength: 3 }),
    cause: fc.record({ reason: words, message: words }, { requiredKeys: [] }),
    phase: fc.constantFrom('Succeeded', 'Failed'),
    end: fc.date({ min: created, max: new Date('2999-01-01'), noInvalidDate: true }),
  })
  .map(({ name, place: [cluster, namespace, workload], image, images, cause: why, phase, end }): Update => {
    const moves = images.map(([container, from, to]) => ({ container, init: false, from, to }));
    const key = { cluster, namespace, kind: 'Deployment', name: workload } as const;
    return enter({ ...rolling, ...image, name, workload: key, moves }, phase, end, why);
  });

describe.each(versions)('%s (version %s)', (format, version) => {
  test('of any end is what the specification allows, and nothing else', () => {
    fc.assert(
      fc.property(ended, (update) => {
        expect(cdEventFaults(format, received(update, version))).toEqual([]);
      }),
    );
  });

  test('there is none for what has not happened, and for what people are asked', () => {
    const types = ['update.awaiting-approval', 'update.approved', 'update.superseded'] as const;
    const delivering = enter(anUpdate(), 'Delivering', later(1));

    expect(types.map((type) => cdEvent(delivering, version, type))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(cdEvent(delivering, version, 'update.failed')).toBeUndefined();
    expect(cdEvent(failed, version, 'update.failed')).toEqual(cdEvent(failed, version));
  });

  test('is refused when anything of it is missing or too much', () => {
    const event = received(succeeded, version) as Record<string, Record<string, unknown>>;
    const broken = [
      ...Object.keys(event.context ?? {})
        .filter((key) => key !== 'chainId')
        .map((key) => ({ ...event, context: { ...event.context, [key]: undefined } })),
      { ...event, context: { ...event.context, type: 'dev.cdevents.service.replaced.0.3.0' } },
      { ...event, context: { ...event.context, source: '/a b' } },
      { ...event, subject: { ...event.subject, content: {} } },
      { ...event, subject: { ...event.subject, extra: 1 } },
      { ...event, extra: 1 },
    ];

    for (const body of broken) expect(cdEventFaults(format, body)).not.toEqual([]);
  });

  test('carries our own event as it is, and has its id and time', () => {
    for (const update of [succeeded, failed]) {
      const event = cdEvent(update, version);

      expect(event?.customData).toEqual(outgoingEvent(update));
      expect(event?.customDataContentType).toBe('application/json');
      expect(event?.context.id).toBe(event?.customData.id);
      expect(event?.context.timestamp).toBe(event?.customData.timestamp);
    }
  });

  test('of an end that pipelines do not act on is none', () => {
    expect(cdEvent(enter(anUpdate(), 'Superseded', later(1)), version)).toBeUndefined();
    expect(cdEvent(rolling, version)).toBeUndefined();
  });
});

describe('a success', () => {
  test('is a service that was upgraded', () => {
    const { customData, ...event } = received(succeeded, '0.5.1') as Record<string, unknown>;

    expect(customData).toBeDefined();
    expect(event).toEqual({
      context: {
        specversion: '0.5.1',
        id: `${succeeded.name}-succeeded`,
        source: '/updatekate/default',
        type: 'dev.cdevents.service.upgraded.0.3.0',
        timestamp: '2026-01-01T00:00:42.000Z',
        chainId: 'c7c5383b-443b-5bec-9b0a-aa6b455878bc',
      },
      subject: {
        id: 'default/default/Deployment/shop',
        content: {
          environment: { id: 'default/default' },
          artifactId: 'pkg:oci/shop?repository_url=quay.io%2Facme%2Fshop&tag=1.1.0',
        },
      },
      customDataContentType: 'application/json',
    });
  });

  test('has the envelope of its time in 0.4.1', () => {
    const event = received(succeeded, '0.4.1');

    expect(event).toMatchObject({
      context: { version: '0.4.1', type: 'dev.cdevents.service.upgraded.0.2.0' },
      subject: { id: 'default/default/Deployment/shop', type: 'service' },
    });
    expect(event).not.toHaveProperty('context.specversion');
  });
});

describe('a failure', () => {
  test('is an incident of the service, with why', () => {
    expect(received(failed, '0.5.1')).toMatchObject({
      context: { id: `${failed.name}-failed`, type: 'dev.cdevents.incident.detected.0.3.0' },
      subject: {
        id: failed.name,
        content: {
          description: 'ImagePullBackOff: pod shop-1: not found',
          environment: { id: 'default/default' },
          service: { id: 'default/default/Deployment/shop' },
          artifactId: `pkg:oci/shop@${digest}?repository_url=quay.io%2Facme%2Fshop&tag=1.1.0`,
        },
      },
    });
  });

  test('is one in 0.4.1, too', () => {
    expect(received(failed, '0.4.1')).toMatchObject({
      context: { version: '0.4.1', type: 'dev.cdevents.incident.detected.0.2.0' },
      subject: { id: failed.name, type: 'incident' },
    });
  });

  test('without words says what it knows', () => {
    const bare = enter(rolling, 'Failed', later(60), { reason: 'forbidden' });

    expect(received(bare, '0.5.1')).toHaveProperty('subject.content.description', 'forbidden');
  });
});

test.each([succeeded, failed])('has the chain id of its image', (update) => {
  expect(cdEvent(update, '0.5.1')?.context.chainId).toBe(chainIdOf(update));
});

test('the cluster is encoded in the source, whatever its name', () => {
  const workload = { ...keyOf(), cluster: 'a b/\ud800' };

  expect(cdEvent({ ...succeeded, workload }, '0.5.1')?.context.source).toBe('/updatekate/a%20b%2F%EF%BF%BD');
});

describe('the chain id', () => {
  const image = { repository: 'quay.io/acme/shop', tag: '1.1.0', digest: undefined };

  test('is what every library for name-based UUIDs makes of the package URL', () => {
    expect(chainIdOf(image)).toBe('c7c5383b-443b-5bec-9b0a-aa6b455878bc');
    expect(chainIdOf({ ...image, digest })).toBe('40b10adf-656e-5bee-bc9a-1b3d8bb0d105');
  });

  test('is the same for every workload and phase that one push reaches', () => {
    const other = anUpdate({ workload: keyOf('worker'), uid: 'uid-2', name: 'up-2' });

    expect(new Set([rolling, succeeded, other].map(chainIdOf)).size).toBe(1);
  });

  test.each([{ repository: 'quay.io/acme/shop2' }, { tag: '1.1.1' }, { digest }])(
    'is another one with %p',
    (different) => {
      expect(chainIdOf({ ...image, ...different })).not.toBe(chainIdOf(image));
    },
  );
});
