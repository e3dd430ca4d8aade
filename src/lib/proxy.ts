import { readExemptions } from './proxy-exempt.ts';

/** Which proxy is asked for what. Never for the Kubernetes API, which has a way of its own. */
export interface Proxies {
  /** The address of the proxy that calls of `url` go through, with its login: never to be shown; undefined = none. */
  of(url: string): string | undefined;
  /** Entries of `no_proxy` that mean nothing. */
  readonly unread: readonly string[];
}

export interface ProxySettings {
  /** For addresses that begin with `https` or `wss`, as `readProxyUrl` gives it. */
  readonly https: string | undefined;
  /** The same for `http` and `ws`. */
  readonly http: string | undefined;
  /** As `no_proxy` says it. */
  readonly exempt: string;
}

/** What may be written where a proxy is named. */
export const allowedProxy = 'http://[user:password@]host[:port], or the same with https://';

/**
 * The address of a proxy in full; undefined when the text is none. Without `http://` it is taken for that. A login is
 * percent-encoded.
 */
export function readProxyUrl(text: string): string | undefined {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || `${url.pathname}${url.search}${url.hash}` !== '/')
    return undefined;
  return isDecodable(url.username) && isDecodable(url.password) ? url.href : undefined;
}

/** Without its login, for people. */
export function proxyHost(proxy: string): string {
  return URL.parse(proxy)?.host ?? 'an invalid URL';
}

/** Puts together what decides. This machine itself is called without a proxy, whatever the variables say. */
export function createProxies({ https, http, exempt }: ProxySettings): Proxies {
  const exemptions = readExemptions(exempt);
  return {
    of(text) {
      const url = URL.parse(text);
      if (!url) return undefined;
      const [host, secure] = [hostOf(url), /^(?:https|wss):$/.test(url.protocol)];
      const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
      return isHere(host) || exemptions.cover(host, port) ? undefined : secure ? https : http;
    },
    unread: exemptions.unread,
  };
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function isHere(host: string): boolean {
  return /^(?:.+\.)?localhost$/.test(host) || here.cover(host, 0);
}

const here = readExemptions('127.0.0.0/8, ::1');

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
