import type { FetchFunction } from '@slack/web-api';
import { Agent, buildConnector, fetch, Pool, ProxyAgent, type Dispatcher, type RequestInit } from 'undici';
import type { Proxies } from './proxy.ts';

/** Connections of a library that speaks through undici. */
export interface ProxyDispatcher {
  readonly dispatcher: Dispatcher;
  readonly fetch: FetchFunction;
  /** Cuts them all. */
  destroy(): void;
}

/** A WebSocket has a connection of its own. */
const http1 = { allowH2: false };

/** Creates them: each through the proxy of its address, or straight. */
export function createProxyDispatcher(proxies: Proxies): ProxyDispatcher {
  const open = new Set<{ destroy(): unknown }>();
  // An upgraded connection belongs to no pool any more: this is how it is found again.
  const connectOne = buildConnector(http1);
  const connect: buildConnector.connector = (options, done) => {
    connectOne(options, (...opened) => {
      const [, socket] = opened;
      if (socket) open.add(socket.once('close', () => open.delete(socket)));
      done(...opened);
    });
  };
  const through = new Map<string, ProxyAgent>();
  const agentOf = (uri: string): ProxyAgent => {
    const agent =
      through.get(uri) ??
      new ProxyAgent({
        uri,
        ...http1,
        clientFactory: (origin, options) => new Pool(origin, { ...options, connect }),
      });
    through.set(uri, agent);
    return agent;
  };
  const dispatcher = new Agent({ ...http1, connect }).compose((straight) => (options, handler) => {
    const uri = proxies.of(String(options.origin));
    return uri === undefined ? straight(options, handler) : agentOf(uri).dispatch(options, handler);
  });
  return {
    dispatcher,
    // Its types differ in what forms with files are, of which we send none.
    fetch: (url, init) => fetch(url, { ...(init as RequestInit), dispatcher }),
    destroy: () => open.forEach((socket) => socket.destroy()),
  };
}
