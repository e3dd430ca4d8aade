import { expect, test } from '@jest/globals';
import { webLink } from '../../src/lib/web-link.ts';

test.each(['https://argo.example/till/shop?a=1&b=2', 'http://10.0.0.1:8080/#x'])('%s is one', (link) => {
  expect(webLink(link)).toBe(link);
});

test.each([
  undefined,
  '',
  'not a link',
  '/till/shop',
  'javascript:alert(1)',
  'https://',
  'https://argo.example/till shop',
])('%p is none', (link) => {
  expect(webLink(link)).toBeUndefined();
});
