import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  emptyIndex,
  placeFileName,
  readPlaceFile,
  withLookedAt,
  withoutPlace,
  withPlaces,
  writePlaceFile,
  type PlaceIndex,
} from '../../src/core/place-index.ts';
import { workloadKinds } from '../../src/core/workload.ts';

const shown = ({ kinds, namespaces, young }: PlaceIndex): unknown => [
  [...kinds],
  [...namespaces],
  Object.fromEntries(young),
];
const first = withPlaces(emptyIndex, ['Deployment'], ['till', 'shop']);

describe('the namespaces of a cluster', () => {
  test('are old when a kind is listed for the very first time', () => {
    expect(shown(first)).toEqual([['Deployment'], ['till', 'shop'], {}]);
  });

  test('that come later are young until they have been looked at', () => {
    const later = withPlaces(first, ['Deployment'], ['till', 'preview']);
    expect(shown(later)).toEqual([
      ...[['Deployment'], ['till', 'shop', 'preview']],
      { preview: ['Deployment'] },
    ]);

    const looked = withLookedAt(later, 'preview');
    expect(shown(looked)).toEqual([['Deployment'], ['till', 'shop', 'preview'], {}]);
    expect(withLookedAt(looked, 'preview')).toBe(looked);
  });

  test('are new in what had been listed, and old in what is listed for the first time', () => {
    const later = withPlaces(first, ['Deployment', 'CronJob'], ['till', 'preview']);
    expect(shown(later)).toEqual([
      ...[
        ['Deployment', 'CronJob'],
        ['till', 'shop', 'preview'],
      ],
      { preview: ['Deployment'] },
    ]);

    expect(shown(withPlaces(later, ['DaemonSet'], ['preview', 'jobs']))).toEqual([
      ...[
        ['Deployment', 'CronJob', 'DaemonSet'],
        ['till', 'shop', 'preview', 'jobs'],
      ],
      { preview: ['Deployment'], jobs: ['Deployment', 'CronJob'] },
    ]);
  });

  test('are forgotten when nothing is there', () => {
    const later = withPlaces(first, [], ['preview']);

    expect(shown(withoutPlace(later, 'preview'))).toEqual(shown(first));
    expect(withoutPlace(first, 'preview')).toBe(first);
  });

  test('are not known before anything is listed, and what is known is not written again', () => {
    expect(withPlaces(emptyIndex, [], ['till'])).toBe(emptyIndex);
    expect(withPlaces(first, ['Deployment'], ['shop'])).toBe(first);
  });
});

describe('their file', () => {
  test('has the name of the installation and, of another cluster, its name', () => {
    expect(placeFileName('platform')).toBe('deployment-namespaces-v1-platform.json');
    expect(placeFileName('platform', 'east')).toBe('deployment-namespaces-v1-platform.east.json');
  });

  test('is read as it was written', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), { maxLength: 8 });
    fc.assert(
      fc.property(fc.subarray([...workloadKinds]), names, names, (kinds, namespaces, young) => {
        const of = new Map(young.map((namespace) => [namespace, kinds]));
        const index = { kinds, namespaces: new Set(namespaces), young: of };

        expect(readPlaceFile(writePlaceFile(index))).toEqual(index);
      }),
    );
  });

  test('of another version is read as far as it means something', () => {
    const text = '{"kinds":["Pod","CronJob"],"namespaces":["till"],"young":{"till":["Pod"]}}';

    expect(readPlaceFile(text)).toEqual({
      ...{ kinds: ['CronJob'], namespaces: new Set(['till']) },
      young: new Map([['till', []]]),
    });
  });

  test.each(['', 'null', '[]', '{"kinds":["Deployment"],"namespaces":[]}'])('%j is none', (text) => {
    expect(readPlaceFile(text)).toBeUndefined();
  });
});
