import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cdEvent } from '../../src/core/cdevents.ts';
import { AppError } from '../../src/core/errors.ts';
import { hasCdEvent, noticeCdEvent } from '../../src/core/notice-cdevent.ts';
import { noticeKinds, type Notice, type NoticeKind } from '../../src/core/notice.ts';
import { enter } from '../../src/core/update.ts';
import { noticeOf } from '../../src/core/update-notice.ts';
import { anUpdate } from '../support/builders.ts';
import { cdEventFaults } from '../support/cdevents-rules.ts';
import { aMessageOf } from '../support/notices.ts';

const custom = { any: 'thing' };
const told = noticeKinds.filter(hasCdEvent);
const noticeOfKind = (kind: NoticeKind, different: Partial<Notice> = {}): Notice =>
  aMessageOf(kind, different).notice;
/** As a receiver has it. */
const received = (notice: Notice): unknown => JSON.parse(JSON.stringify(noticeCdEvent(notice, custom)));
const images = (to: string) => ({ images: [{ container: 'app', from: '', to }] });
const service = 'north/till/Deployment/shop';
const artifactId = 'pkg:oci/shop?repository_url=quay.io%2Facme%2Fshop&tag=1.1.0';
const environment = { id: 'north/till' };

test('there is one of what is clear, and none of anything else', () => {
  const types = noticeKinds.map((kind) => [kind, noticeCdEvent(noticeOfKind(kind), custom)?.context.type]);

  expect(types.filter(([, type]) => type !== undefined)).toEqual([
    ['update.succeeded', 'dev.cdevents.service.upgraded.0.3.0'],
    ['update.failed', 'dev.cdevents.incident.detected.0.3.0'],
    ['workload.created', 'dev.cdevents.service.deployed.0.3.0'],
    ['workload.deleted', 'dev.cdevents.service.removed.0.3.0'],
    ['workload.failed', 'dev.cdevents.incident.detected.0.3.0'],
    ['workload.recovered', 'dev.cdevents.incident.resolved.0.3.0'],
  ]);
  expect(types.filter(([, type]) => type !== undefined).map(([kind]) => kind)).toEqual(told);
});

const words = fc.string({ unit: 'binary' });
const someWords = fc.string({ unit: 'binary', minLength: 1 });
const part = fc.stringMatching(/^[a-z0-9]{1,20}$/);
const image = fc
  .tuple(
    part,
    part,
    fc.constantFrom('', ':1.1.0', `@sha256:${'a'.repeat(64)}`, `:x@sha256:${'b'.repeat(64)}`),
  )
  .map(([owner, name, rest]) => `quay.io/${owner}/${name}${rest}`);
const anyNotice = fc
  .record({
    kind: fc.constantFrom(...told),
    ...{ id: someWords, thread: someWords, place: fc.tuple(someWords, someWords, someWords), image },
    why: fc.record({ reason: words, message: words }, { requiredKeys: [] }),
    at: fc.date({ min: new Date('2026-01-01'), max: new Date('2999-01-01'), noInvalidDate: true }),
  })
  .map(({ kind, id, thread, place: [cluster, namespace, name], image: to, why, at }) => {
    const workload = { cluster, namespace, kind: 'Deployment', name } as const;
    const when = { at: at.toISOString() };
    return noticeOfKind(kind, { id, thread, workload, ...when, ...images(to), ...why });
  });

test('of any notice is what the specification allows, and nothing else', () => {
  fc.assert(
    fc.property(anyNotice, (notice) => {
      expect(cdEventFaults('cdevents', received(notice))).toEqual([]);
    }),
  );
});

describe('a service', () => {
  test.each([
    ['workload.created', 'deployed', { environment, artifactId }],
    ['update.succeeded', 'upgraded', { environment, artifactId }],
    ['workload.deleted', 'removed', { environment }],
  ] as const)('that is %s has been %s', (kind, predicate, content) => {
    const notice = noticeOfKind(kind);

    expect(received(notice)).toEqual({
      context: {
        ...{ specversion: '0.5.1', id: notice.id, source: '/updatekate/north', timestamp: notice.at },
        type: `dev.cdevents.service.${predicate}.0.3.0`,
      },
      subject: { id: service, content },
      ...{ customData: custom, customDataContentType: 'application/json' },
    });
  });

  test.each([
    ['quay.io/acme/shop', artifactId.replace('1.1.0', 'latest')],
    [
      `quay.io/acme/shop:1.1.0@sha256:${'a'.repeat(64)}`,
      artifactId.replace('?', `@sha256:${'a'.repeat(64)}?`),
    ],
    [
      `quay.io/acme/shop@sha256:${'a'.repeat(64)}`,
      `pkg:oci/shop@sha256:${'a'.repeat(64)}?repository_url=quay.io%2Facme%2Fshop`,
    ],
  ])('of the image %s has the artifact %s', (to, expected) => {
    expect(received(noticeOfKind('workload.created', images(to)))).toHaveProperty(
      'subject.content.artifactId',
      expected,
    );
  });

  test.each([images(''), images('UPPER CASE'), { images: [] }])(
    'of what cannot be named is never told: %j',
    (of) => {
      const tell = (): unknown => received(noticeOfKind('workload.created', of));

      expect(tell).toThrow(AppError);
      expect(tell).toThrow(expect.objectContaining({ code: 'gone' }));
    },
  );
});

describe('an incident', () => {
  test('is detected and resolved under one id, that of its thread', () => {
    const failed = noticeOfKind('workload.failed', { thread: 'ch-1', message: 'pod shop-1' });
    const content = { service: { id: service }, environment, artifactId };

    expect(received(failed)).toMatchObject({
      subject: { id: 'ch-1', content: { ...content, description: 'CrashLoopBackOff: pod shop-1' } },
    });
    expect(received(noticeOfKind('workload.recovered', { thread: 'ch-1' }))).toMatchObject({
      subject: { id: 'ch-1', content },
    });
  });

  test('of an update has the id that the outgoing webhook gives it', () => {
    const failed = enter(anUpdate(), 'Failed', new Date('2026-01-01T00:01:00Z'), { reason: 'forbidden' });
    const notice = noticeOf(failed, 'update.failed', { team: undefined, link: undefined });
    const { context, subject } = cdEvent(failed, '0.5.1') ?? {};

    const event = notice && noticeCdEvent(notice, custom);

    expect(event?.subject).toEqual(subject);
    expect(event?.context).toEqual({ ...context, chainId: undefined });
  });

  test('without words and a name for its image says what it knows', () => {
    const bare = { ...images('UPPER CASE'), reason: undefined, message: undefined };

    expect(received(noticeOfKind('workload.failed', bare))).toHaveProperty('subject.content', {
      ...{ service: { id: service }, environment },
    });
  });
});
