import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** What no proxy is asked for, as `no_proxy` says it. */
export interface Exemptions {
  /** `host`: as in a URL, in lower case and without brackets. */
  cover(host: string, port: number): boolean;
  /** Entries that mean nothing. */
  readonly unread: readonly string[];
}

type Covers = (host: string) => boolean;

/**
 * Reads `no_proxy`: hosts with all below them (a dot or `*.` before one changes nothing), addresses, networks such as
 * `10.0.0.0/8`, each with a port or for all of them, and `*`. Names are not looked up: an address covers itself only.
 */
export function readExemptions(text: string): Exemptions {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  const read = entries.map((entry) => ({ entry, covers: readEntry(entry) }));
  return {
    cover: (host, port) => read.some(({ covers }) => covers?.(host, port)),
    unread: read.filter(({ covers }) => !covers).map(({ entry }) => entry),
  };
}

function readEntry(entry: string): ((host: string, port: number) => boolean) | undefined {
  const [place, only] = withoutPort(entry);
  const covers = place === '*' ? () => true : (network(place) ?? domain(place));
  return covers && ((host, port) => (only === undefined || only === port) && covers(host));
}

/** What is before the port, and the port. Colons of an address without brackets are its own. */
function withoutPort(entry: string): readonly [string, number | undefined] {
  const { place = entry, port } = /^(?<place>[^:]+|\[.*\]):(?<port>\d{1,5})$/.exec(entry)?.groups ?? {};
  return [place.replace(/^\[(.*)\](?=$|\/)/, '$1'), port === undefined ? undefined : Number(port)];
}

function network(text: string): Covers | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits ?? '0')) return undefined;
  if (Number(bits ?? 0) > most) return undefined;
  const list = new BlockList();
  list.addSubnet(address, bits === undefined ? most : Number(bits), familyOf(address));
  return (host) => isIP(host) !== 0 && list.check(host, familyOf(host));
}

function domain(text: string): Covers | undefined {
  // What is behind such a character would be left out.
  if (/[/?#@:\\]/.test(text)) return undefined;
  const name = domainToASCII(text.replace(/^\*?\./, '').replace(/\.$/, ''));
  if (!/^[\w-]+(?:\.[\w-]+)*$/.test(name)) return undefined;
  return (host) => host === name || host.endsWith(`.${name}`);
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
