import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AppError } from '../core/errors.ts';
import { proxyHost, type Proxies } from './proxy.ts';

/** How a request goes out. */
export interface Way {
  /** For axios: what it keeps connections in, and whether it may look for a proxy of its own. */
  readonly agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent; readonly proxy?: false };
  /** `host:port` of the proxy; undefined = straight. */
  readonly proxy: string | undefined;
}

/** Whether this Node knows proxies: from 22.21 and 24.5 on. */
const knowsProxies = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');

/**
 * Keeps connections, those through proxies for each proxy. What is https goes through a tunnel (CONNECT), so that the
 * proxy sees nothing but the name; what is http is handed to the proxy as it is.
 *
 * @param tunnelMs how long a proxy may take to open a tunnel.
 * @throws AppError `bad-config` when there are proxies, and this Node does not know them.
 */
export function createWays(
  proxies: Proxies | undefined,
  tunnelMs: number,
  able = knowsProxies,
): (url: string) => Way {
  if (proxies && !able)
    throw new AppError('bad-config', 'a proxy is set: Node 22.21, 24.5 or newer is needed for that');
  const kept = { keepAlive: true };
  // axios would read the environment, and not as we do.
  const straight: Way = {
    agents: { httpAgent: new HttpAgent(kept), httpsAgent: new HttpsAgent(kept), proxy: false },
    proxy: undefined,
  };
  const through = new Map<string, Way>();
  return (url) => {
    const proxy = proxies?.of(url);
    if (proxy === undefined) return straight;
    const way = through.get(proxy) ?? wayThrough(proxy, tunnelMs);
    through.set(proxy, way);
    return way;
  };
}

function wayThrough(proxy: string, tunnelMs: number): Way {
  const kept = { keepAlive: true };
  const httpsAgent = new HttpsAgent({ ...kept, proxyEnv: { https_proxy: proxy } });
  limitTunnels(httpsAgent, tunnelMs);
  return {
    agents: { httpAgent: new HttpAgent({ ...kept, proxyEnv: { http_proxy: proxy } }), httpsAgent },
    proxy: proxyHost(proxy),
  };
}

/** Node forgets a tunnel that is not open yet when its request is given up, and one that the proxy has refused. */
function limitTunnels(agent: HttpsAgent, tunnelMs: number): void {
  const open = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const socket = open(options, (error, tunnel) => {
      clearTimeout(limit);
      if (error) socket?.destroy();
      done?.(error, tunnel);
    });
    const late = Object.assign(new Error('the tunnel took too long'), { code: 'ETIMEDOUT' });
    const limit = setTimeout(() => socket?.destroy(late), tunnelMs).unref();
    return socket;
  };
}
