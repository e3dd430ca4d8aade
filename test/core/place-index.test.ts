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
import { workloadKinds, type WorkloadKind } from '../../src/core/workload.ts';

const shown = ({ kinds, namespaces, young }: PlaceIndex): unknown => [
  [...kinds],
  [...namespaces],
  [...young],
];
/** Namespaces with a Deployment, or with what stands after the colon. */
const there = (...names: readonly string[]): ReadonlyMap<string, readonly WorkloadKind[]> =>
  new Map(
    names.map((name) => {
      const [namespace = '', kind = 'Deployment'] = name.split(':');
      return [namespace, workloadKinds.filter((one) => one === kind)];
    }),
  );
const first = withPlaces(emptyIndex, ['Deployment'], there('till', 'shop'));

describe('the namespaces of a cluster', () => {
  test('are old when a kind is listed for the first time', () => {
    expect(shown(first)).toEqual([['Deployment'], ['till', 'shop'], []]);
    expect(shown(withPlaces(first, ['Deployment', 'CronJob'], there('till', 'jobs:CronJob')))).toEqual([
      ['Deployment', 'CronJob'],
      ['till', 'shop', 'jobs'],
      [],
    ]);
  });

  test('that come later are young until they have been looked at', () => {
    const later = withPlaces(first, ['Deployment'], there('till', 'preview'));
    expect(shown(later)).toEqual([['Deployment'], ['till', 'shop', 'preview'], ['preview']]);

    const looked = withLookedAt(later, 'preview');
    expect(shown(looked)).toEqual([['Deployment'], ['till', 'shop', 'preview'], []]);
    expect(withLookedAt(looked, 'preview')).toBe(looked);
  });

  test('that are young stay so while another kind is listed', () => {
    const later = withPlaces(first, [], there('preview'));

    expect(shown(withPlaces(later, ['CronJob'], there('preview', 'jobs:CronJob')))).toEqual([
      ['Deployment', 'CronJob'],
      ['till', 'shop', 'preview', 'jobs'],
      ['preview'],
    ]);
  });

  test('that have what would have been seen before are young, also when another kind is listed first', () => {
    expect(shown(withPlaces(first, ['CronJob'], there('preview', 'jobs:CronJob', 'gone:')))).toEqual([
      ['Deployment', 'CronJob'],
      ['till', 'shop', 'preview', 'jobs', 'gone'],
      ['preview'],
    ]);
    expect(shown(withPlaces(first, [], there('gone:')))).toEqual([
      ['Deployment'],
      ['till', 'shop', 'gone'],
      ['gone'],
    ]);
  });

  test('are forgotten when nothing is there', () => {
    const later = withPlaces(first, [], there('preview'));

    expect(shown(withoutPlace(later, 'preview'))).toEqual(shown(first));
    expect(withoutPlace(first, 'preview')).toBe(first);
  });

  test('are not known before anything is listed, and what is known is not written again', () => {
    expect(withPlaces(emptyIndex, [], there('till'))).toBe(emptyIndex);
    expect(withPlaces(first, ['Deployment'], there('shop'))).toBe(first);
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
        const index = { kinds, namespaces: new Set(namespaces), young: new Set(young) };

        expect(readPlaceFile(writePlaceFile(index))).toEqual(index);
      }),
    );
  });

  test('of another version is read as far as it means something', () => {
    const text = '{"kinds":["Pod","CronJob"],"namespaces":["till"],"young":[]}';

    expect(readPlaceFile(text)).toMatchObject({ kinds: ['CronJob'], namespaces: new Set(['till']) });
  });

  test.each(['', 'null', '[]', '{"kinds":["Deployment"],"namespaces":[]}'])('%j is none', (text) => {
    expect(readPlaceFile(text)).toBeUndefined();
  });
});
