import { BlockList, isIP } from 'node:net';
import type { Carrier } from './authentication/way.ts';

/** Where a request comes from, seen from here. */
export interface ClientAddresses {
  /** Whether the other end of the connection is one of our proxies, so that its headers are believed. */
  isProxied(carrier: Carrier): boolean;
  /** The address of the client: what our proxies say, else the other end of the connection. */
  of(carrier: Carrier): string;
}

/**
 * Creates what finds the address of a client.
 *
 * @param trusted addresses and networks of our proxies, such as `10.0.0.0/8`; they must be valid.
 */
export function createClientAddresses(trusted: readonly string[]): ClientAddresses {
  const proxies = new BlockList();
  for (const network of trusted) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address);
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const isProxy = (address: string): boolean =>
    isIP(address) !== 0 && proxies.check(address, familyOf(address));
  return {
    isProxied: ({ socket }) => isProxy(peerOf(socket)),
    of({ headers, socket }) {
      let client = peerOf(socket);
      // From the last one on: only what our own proxies wrote is believed.
      for (const hop of hopsOf(headers['x-forwarded-for']).reverse()) {
        if (!isProxy(client) || isIP(hop) === 0) return client;
        client = hop;
      }
      return client;
    },
  };
}

function peerOf({ remoteAddress = '' }: Carrier['socket']): string {
  return plain(remoteAddress);
}

function hopsOf(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((hop) => plain(withoutPort(hop.trim())));
}

/** Some proxies add the port. */
function withoutPort(hop: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop;
}

/** An IPv4 address in IPv6 notation is the IPv4 address: a socket that listens for both has them so. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
