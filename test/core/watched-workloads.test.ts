import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { placeId, placeOf } from '../../src/core/watched-workloads.ts';

test('a place is found again by its id, also in the id of what is in it', () => {
  const place = { cluster: 'east', namespace: 'till' };

  expect(placeId(place)).toBe('east/till');
  expect(placeOf(placeId(place))).toEqual(place);
  expect(placeOf(`${placeId(place)}/Deployment/shop`)).toEqual(place);
});

test('any text is that of some place', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const [cluster = '', namespace = ''] = text.split('/');
      expect(placeOf(text)).toEqual({ cluster, namespace });
    }),
  );
  expect(placeOf('east')).toEqual({ cluster: 'east', namespace: '' });
});
