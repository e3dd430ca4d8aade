import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { Carrier } from '../../src/http/authentication/way.ts';
import { createClientAddresses } from '../../src/http/client-address.ts';

const clients = createClientAddresses(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);

function from(remoteAddress: string | undefined, forwarded?: string): Carrier {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
  return { headers, headersDistinct: {}, socket };
}

describe('the address of the client', () => {
  test.each([
    ['a stranger', '203.0.113.9', undefined, '203.0.113.9'],
    ['a stranger who claims another', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['a client behind a proxy', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['behind two proxies', '10.1.2.3', '198.51.100.1, 192.0.2.7', '198.51.100.1'],
    ['who claims another, behind a proxy', '10.1.2.3', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['who claims one of the proxies', '10.1.2.3', '10.9.9.9, 198.51.100.1, 10.4.4.4', '198.51.100.1'],
    ['behind a proxy that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['behind a proxy that says nonsense', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['who says nonsense behind a proxy', '10.1.2.3', 'x, 198.51.100.1', '198.51.100.1'],
    ['all of them proxies', '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['with a port', '10.1.2.3', '198.51.100.1:4711', '198.51.100.1'],
    ['of IPv6, with a port', '10.1.2.3', '[2001:db9::1]:4711', '2001:db9::1'],
    ['of IPv6', '2001:db8::5', '2001:db9::1', '2001:db9::1'],
    ['of IPv4 in IPv6 notation', '::ffff:10.1.2.3', '::ffff:198.51.100.1', '198.51.100.1'],
    ['whose connection is gone', undefined, '198.51.100.1', ''],
  ])('%s', (_who, peer, forwarded, expected) => {
    expect(clients.of(from(peer, forwarded))).toBe(expected);
  });

  test('is the other end of the connection where no proxy is configured', () => {
    expect(createClientAddresses([]).of(from('127.0.0.1', '198.51.100.1'))).toBe('127.0.0.1');
  });
});

test.each([
  ['10.255.0.1', true],
  ['::ffff:10.0.0.1', true],
  ['192.0.2.7', true],
  ['2001:db8::1', true],
  ['11.0.0.1', false],
  ['192.0.2.8', false],
  ['2001:db9::1', false],
  [undefined, false],
])('%s is one of our proxies: %p', (peer, expected) => {
  expect(clients.isProxied(from(peer))).toBe(expected);
});
