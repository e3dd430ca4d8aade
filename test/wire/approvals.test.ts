import { expect, test } from '@jest/globals';
import { voteLinkSettings } from '../../src/wire/approvals.ts';

const key = Buffer.alloc(32);

test('links need an address that they lead to', () => {
  expect(voteLinkSettings({ voteLinkKeys: undefined, publicUrl: undefined })).toBeUndefined();
  expect(voteLinkSettings({ voteLinkKeys: [key], publicUrl: 'https://updatekate.example' })).toEqual({
    keys: [key],
    publicUrl: 'https://updatekate.example',
  });
  expect(() => voteLinkSettings({ voteLinkKeys: [key], publicUrl: undefined })).toThrow(
    'UK_VOTE_LINK_SECRET needs UK_PUBLIC_URL: where people reach the service',
  );
});
