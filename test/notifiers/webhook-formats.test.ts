import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noticeKinds } from '../../src/core/notice.ts';
import { cloudevents } from '../../src/registries/cloudevents.ts';
import { noticeFormats, type NoticeFormatName } from '../../src/notifiers/webhook/formats.ts';
import { cloudEventFaults } from '../support/cloudevents-rules.ts';
import { aMessage, aMessageOf } from '../support/notices.ts';

const formats = Object.keys(noticeFormats) as NoticeFormatName[];
const headersWith = (headers: Readonly<Record<string, string>>) => ({
  'content-type': 'application/json',
  ...headers,
});

describe.each(formats)('%s', (format) => {
  test.each(noticeKinds)('has words for %s just where it says so, and always the same', (kind) => {
    const { tells, message } = noticeFormats[format];
    const [once, again] = [message(aMessageOf(kind)), message(aMessageOf(kind))];

    expect(once !== undefined).toBe(tells(kind));
    expect(again).toEqual(once);
  });
});

describe('cloudevents', () => {
  test('name the type for every kind, in one envelope', () => {
    const types = noticeKinds.map((kind) => noticeFormats.cloudevents.message(aMessageOf(kind)).headers);

    expect(types).toEqual(
      noticeKinds.map((kind) => ({
        ...{ 'ce-specversion': '1.0', 'ce-id': kind.replace('.', '-'), 'ce-source': '/updatekate/north' },
        ...{ 'ce-type': `dev.updatekate.${kind}`, 'ce-subject': 'north/till/Deployment/shop' },
        'ce-time': '2026-01-01T00:10:00.000Z',
      })),
    );
  });

  test('are what the specification allows, whatever names there are', () => {
    const name = fc.string({ unit: 'binary', minLength: 1 });
    const kind = fc.constantFrom(...noticeKinds);

    fc.assert(
      fc.property(kind, name, name, name, name, (of, id, cluster, namespace, workload) => {
        const key = { cluster, namespace, kind: 'Deployment', name: workload } as const;

        const { body, headers } = noticeFormats.cloudevents.message(aMessageOf(of, { id, workload: key }));

        expect(cloudEventFaults({ headers: headersWith(headers), body })).toEqual([]);
      }),
    );
  });

  test('are refused by the rules when anything of them is missing or wrong', () => {
    const { body, headers } = noticeFormats.cloudevents.message(aMessage());
    const whole = headersWith(headers);
    const broken: readonly Readonly<Record<string, string>>[] = [
      ...Object.keys(whole).map((missing) =>
        Object.fromEntries(Object.entries(whole).filter(([key]) => key !== missing)),
      ),
      { ...whole, 'ce-datacontenttype': 'application/json' },
      { ...whole, 'ce-subject': 'a b' },
      { ...whole, 'ce-subject': '100%' },
      { ...whole, 'ce-source': '/a%20b' },
      { ...whole, 'ce-time': '2026-01-01' },
      { ...whole, 'ce-type': 'update.succeeded' },
    ];

    for (const wrong of broken) expect(cloudEventFaults({ headers: wrong, body })).not.toEqual([]);
    expect(cloudEventFaults({ headers: whole, body: 'text' })).not.toEqual([]);
    expect(cloudEventFaults({ headers: whole, body })).toEqual([]);
  });

  test.each(noticeKinds)('of %s are no push, where a broker brings them back', (kind) => {
    const { body, headers } = noticeFormats.cloudevents.message(aMessageOf(kind));
    const request = { headers, body: JSON.parse(body) as unknown, raw: Buffer.from(body) };

    expect(cloudevents.parse({ ...request, registryHost: 'quay.io' })).toEqual([]);
  });
});
