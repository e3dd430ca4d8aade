import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, test } from '@jest/globals';
import { getGlobalDispatcher, ProxyAgent, setGlobalDispatcher } from 'undici';
import { createRest } from '../../src/cluster/rest.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createHttp, type Http, type HttpOptions } from '../../src/lib/http.ts';
import { createWays } from '../../src/lib/proxy-agents.ts';
import { everythingOf, login, through, trustedCertificate } from '../support/behind-proxy.ts';
import { json, startCaptureServer, status, type CaptureServer } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import {
  startProxyServer,
  startTlsEnd,
  type ProxyBehaviour,
  type ProxyServer,
} from '../support/proxy-server.ts';

const certificate = trustedCertificate('hook.test');
const newServer = closedAfterEach(startCaptureServer);
const newProxy = closedAfterEach(startProxyServer);
const newTlsEnd = closedAfterEach(startTlsEnd);
const never = new AbortController().signal;

interface Net {
  /** Of hook.test; it speaks TLS on the ports 443 and 8443, and none on 80. */
  readonly server: CaptureServer;
  readonly proxy: ProxyServer;
}

/** A receiver that only the proxy knows. */
async function net(behaviour: ProxyBehaviour = {}): Promise<Net> {
  const server = await newServer(json(200, { ok: true }));
  const port = Number(new URL(server.url).port);
  const tls = (await newTlsEnd(certificate, port)).port;
  const names = { 'hook.test:443': tls, 'hook.test:8443': tls, 'hook.test:80': port, 'other.test:443': tls };
  return { server, proxy: await newProxy({ names, ...behaviour }) };
}

/** A port that does this with whoever connects. */
const newPort = closedAfterEach(async (take: (socket: Socket) => void) => {
  const open: Socket[] = [];
  const server = createServer((socket) => {
    open.push(socket.on('error', () => undefined));
    take(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async (): Promise<void> => {
    open.forEach((socket) => socket.destroy());
    await once(server.close(), 'close');
  };
  return { port: (server.address() as AddressInfo).port, close };
});

function client(different: Partial<HttpOptions> = {}): Http {
  const times = { timeoutMs: 60_000, retries: 0, minDelayMs: 0 };
  return createHttp({ clock: systemClock, ...times, userAgent: 'updatekate-test', ...different });
}

const posted = (url: string) => ({
  url,
  body: '{"a":1}',
  headers: () => ({ authorization: 'Bearer of-the-receiver' }),
});

/** What a call that fails throws. */
async function refusalOf(call: Promise<unknown>): Promise<{ code: unknown; message: string; all: string }> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return { code: 'code' in error ? error.code : undefined, message: error.message, all: everythingOf(error) };
}

describe('through a proxy', () => {
  test('what is https goes in a tunnel: the proxy knows the host and our login, the receiver all but the login', async () => {
    const { server, proxy } = await net();

    const answer = await client({ proxies: through(proxy.host) }).ask(
      posted('https://hook.test/secret?token=x'),
      never,
    );

    expect(answer).toMatchObject({ status: 200, body: '{"ok":true}' });
    expect(proxy.asked).toEqual([`CONNECT hook.test:443 as ${login.sent}`]);
    expect(server.requests).toMatchObject([
      { method: 'POST', url: '/secret?token=x', body: '{"a":1}', headers: { host: 'hook.test' } },
    ]);
    expect(JSON.stringify(server.requests)).not.toMatch(/canary|proxy-auth/i);
  });

  test('what is http is handed to it', async () => {
    const { server, proxy } = await net();
    const http = client({ proxies: through(proxy.host) });

    const body = await http.get('http://hook.test/keys?a=b', never);

    expect(body).toBe('{"ok":true}');
    expect(proxy.asked).toEqual([`GET http://hook.test/keys?a=b as ${login.sent}`]);
    expect(server.requests).toMatchObject([{ url: '/keys?a=b', headers: { host: 'hook.test' } }]);
  });

  test('a tunnel is used again, for its own host and port only', async () => {
    const { server, proxy } = await net();
    const http = client({ proxies: through(proxy.host) });

    for (const url of ['https://hook.test/1', 'https://hook.test/2', 'https://hook.test:8443/3'])
      await http.post(posted(url), never);

    expect(proxy.asked.map((one) => one.split(' as ')[0])).toEqual([
      'CONNECT hook.test:443',
      'CONNECT hook.test:8443',
    ]);
    expect(server.requests.map(({ url }) => url)).toEqual(['/1', '/2', '/3']);
  });

  test('it may speak TLS itself', async () => {
    const { server, proxy } = await net({ certificate });
    const http = client({ proxies: through(proxy.host, '', 'https') });

    await http.post(posted('https://hook.test/a'), never);
    await http.post(posted('http://hook.test/b'), never);

    expect(proxy.asked).toHaveLength(2);
    expect(server.requests.map(({ url }) => url)).toEqual(['/a', '/b']);
  });

  test('the certificate must be that of the host', async () => {
    const { server, proxy } = await net();
    const call = client({ proxies: through(proxy.host) }).post(posted('https://other.test/'), never);

    const { code, message } = await refusalOf(call);

    expect(code).toBe('unavailable');
    expect(message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(server.requests).toEqual([]);
  });

  test('what no_proxy names goes straight', async () => {
    const { server, proxy } = await net();
    // An address of this machine that does not count as one.
    const url = server.url.replace('127.0.0.1', '0.0.0.0');
    const asking = (exempt: string) =>
      client({ proxies: through(proxy.host, exempt) }).ask(posted(url), never);

    await asking('0.0.0.0/8');
    const before = proxy.asked.length;
    const { status: other } = await asking('');

    expect([before, other]).toEqual([0, 502]);
    expect(server.requests).toHaveLength(1);
  });

  test('nothing goes that is for this machine, such as orders with their token', async () => {
    const { server, proxy } = await net();

    await client({ proxies: through(proxy.host) }).post(posted(server.url), never);

    expect(proxy.asked).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a proxy that does not do its part', () => {
  test.each([
    ['https://hook.test/', 407],
    ['https://hook.test/', 403],
    ['https://hook.test/', 502],
    ['http://hook.test/', 407],
  ])('for %s answers %d, which is not taken for an answer of the receiver', async (url, refuses) => {
    const { server, proxy } = await net({ refuses });
    const http = client({ proxies: through(proxy.host) });

    for (const call of [http.ask(posted(url), never), http.post(posted(url), never), http.get(url, never)]) {
      const { code, message, all } = await refusalOf(call);
      expect(code).toBe('unavailable');
      expect(message).toBe(
        `no answer from hook.test through the proxy ${proxy.host} (the proxy answered ${refuses})`,
      );
      expect(all).not.toMatch(/canary|Basic/);
    }
    expect(server.requests).toEqual([]);
    if (url.startsWith('https')) await proxy.untilFree();
  });

  test('and says that it does not reach the receiver over http is tried again', async () => {
    const { proxy } = await net({ refuses: 503 });
    const http = client({ proxies: through(proxy.host), retries: 1 });

    const { code } = await refusalOf(http.post(posted('http://hook.test/'), never));

    expect(code).toBe('unavailable');
    expect(proxy.asked).toHaveLength(2);
  });

  test.each(['https://hook.test/', 'http://hook.test/'])('and is not there is named: %s', async (url) => {
    const { proxy } = await net();
    await proxy.close();

    const { code, message, all } = await refusalOf(
      client({ proxies: through(proxy.host) }).post(posted(url), never),
    );

    expect(code).toBe('unavailable');
    expect(message).toBe(`no answer from hook.test through the proxy ${proxy.host} (ECONNREFUSED)`);
    expect(all).not.toMatch(/canary|Basic/);
  });

  test.each(['https://hook.test/', 'http://hook.test/'])(
    'and says nothing costs the time of one try, and keeps no connection: %s',
    async (url) => {
      const { proxy } = await net({ refuses: 'silence' });
      const http = client({ proxies: through(proxy.host), timeoutMs: 50 });

      const { code, message } = await refusalOf(http.post(posted(url), never));
      await proxy.untilFree();

      expect(code).toBe('timeout');
      expect(message).toBe(`no answer from hook.test through the proxy ${proxy.host} in time`);
      expect(proxy.asked).toHaveLength(1);
    },
  );

  test('and digs a tunnel to a receiver that does not greet keeps no connection either', async () => {
    const { port } = await newPort((socket) => void socket.resume());
    const proxy = await newProxy({ names: { 'hook.test:443': port } });
    const http = client({ proxies: through(proxy.host), timeoutMs: 50 });

    const { code } = await refusalOf(http.post(posted('https://hook.test/'), never));
    await proxy.untilFree();

    expect(code).toBe('timeout');
    expect(proxy.asked).toHaveLength(1);
  });

  test('and hangs up while the tunnel is dug is no answer', async () => {
    const { port } = await newPort((socket) => void socket.end());
    const http = client({ proxies: through(`127.0.0.1:${port}`) });

    const { code, all } = await refusalOf(http.post(posted('https://hook.test/'), never));

    expect(code).toBe('unavailable');
    expect(all).not.toMatch(/canary|Basic/);
  });

  test('is refused by a Node that knows no proxies', () => {
    const proxies = through('proxy.test:3128');

    expect(() => createWays(proxies, 1000, false)).toThrow(
      'a proxy is set: Node 22.21, 24.5 or newer is needed for that',
    );
    expect(() => createWays(undefined, 1000, false)).not.toThrow();
  });
});

describe('the environment of the process', () => {
  const names = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];
  const usual = names.map((name) => [name, process.env[name]] as const);
  const usualDispatcher = getGlobalDispatcher();
  afterEach(() => {
    setGlobalDispatcher(usualDispatcher);
    for (const [name, value] of usual)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  });

  function name(proxy: ProxyServer): void {
    process.env.http_proxy = process.env.https_proxy = process.env.all_proxy = `http://${proxy.host}`;
    process.env.no_proxy = '';
  }

  test('is not looked at behind our back', async () => {
    const { server, proxy } = await net();
    name(proxy);

    await client().post(posted(server.url.replace('127.0.0.1', '0.0.0.0')), never);

    expect(proxy.asked).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test('does not lead the Kubernetes API through a proxy, nor does NODE_USE_ENV_PROXY', async () => {
    const server = await newServer(status(200, {}, '{"items":[]}'));
    const { port } = await newTlsEnd(certificate, Number(new URL(server.url).port));
    const { proxy } = await net();
    name(proxy);
    // What Node makes of that variable at its start, for who brings no connections of his own.
    setGlobalDispatcher(new ProxyAgent(`http://${proxy.host}`));
    // Without an authority and a certificate client-node brings none.
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: `https://127.0.0.1:${port}`, skipTLSVerify: false },
      { name: 'u', token: 'of-the-cluster' },
    );
    const rest = createRest(kubeConfig, systemClock, 10_000);

    const answer = await rest.json({ method: 'GET', path: '/api' }, never);

    expect(answer).toEqual({ items: [] });
    expect(proxy.asked).toEqual([]);
  });
});
