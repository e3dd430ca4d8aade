import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitName } from '../../src/core/image-name.ts';

describe('splitName', () => {
  test.each([
    ['quay.io/acme/shop', 'quay.io', 'acme/shop'],
    ['Registry.Example.com:5000/Acme/Shop', 'registry.example.com:5000', 'acme/shop'],
    ['localhost/shop', 'localhost', 'shop'],
    ['acme/shop', undefined, 'acme/shop'],
    ['Acme/Shop', undefined, 'acme/shop'],
    ['shop', undefined, 'shop'],
    ['shop.v2', undefined, 'shop.v2'],
    ['', undefined, ''],
  ])('%j is at %j, %j', (name, host, path) => {
    expect(splitName(name)).toEqual({ host, path });
  });

  test('loses nothing of any name but its capitals', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const { host, path } = splitName(name);

        expect(host === undefined ? path : `${host}/${path}`).toBe(name.toLowerCase());
      }),
    );
  });
});
