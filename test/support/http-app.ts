import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Push } from '../../src/core/registry.ts';
import type { PushAnswer } from '../../src/flows/receive-push.ts';
import { createAuthentication, type WebhookSecrets } from '../../src/http/authentication/index.ts';
import type { Way } from '../../src/http/authentication/way.ts';
import { createClientAddresses } from '../../src/http/client-address.ts';
import { createApp, listen, type AppOptions } from '../../src/http/server.ts';
import type { TlsOptions } from '../../src/http/tls.ts';
import type { WebhookOptions } from '../../src/http/webhook.ts';
import { createLog } from '../../src/lib/log.ts';
import { createMetrics } from '../../src/lib/metrics.ts';
import { registries } from '../../src/registries/index.ts';
import { quay } from '../../src/registries/quay.ts';

export interface StartedApp {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly server: Server;
  /** What reached the flow: pushes, and whether it was a dry run. */
  readonly received: readonly { readonly pushes: readonly Push[]; readonly dryRun: boolean }[];
  /** `source status`, of every webhook answered. */
  readonly answered: readonly string[];
  /** Lines of the real log, at level debug. */
  readonly lines: readonly string[];
  readonly page: ReturnType<typeof createMetrics>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  close(): Promise<void>;
}

export type AppChanges = Partial<Omit<AppOptions, 'webhook'>> & {
  readonly webhook?: Partial<WebhookOptions> & WebhookSenders;
};

/** Who may send. */
export interface WebhookSenders {
  /** The secret of all sources. */
  readonly token?: string | undefined;
  /** Instead of the token. */
  readonly secrets?: Partial<WebhookSecrets>;
  readonly ways?: readonly Way[];
  /** Addresses of proxies. */
  readonly trusted?: readonly string[];
}

/** What the fake flow answers: one recorded update per push, whatever it is. */
export function recordAll(pushes: readonly Push[], dryRun: boolean): Promise<PushAnswer> {
  const updates = dryRun ? [] : pushes.map(({ tag }) => `up-${tag}`);
  return Promise.resolve({ pushes, decisions: [], updates });
}

/** The real HTTP server on a free port, over a fake flow. */
export async function startApp(
  { webhook, ...changes }: AppChanges = {},
  tls?: TlsOptions,
): Promise<StartedApp> {
  const received: { pushes: readonly Push[]; dryRun: boolean }[] = [];
  const answered: string[] = [];
  const lines: string[] = [];
  const page = createMetrics();
  const receive = webhook?.receive ?? recordAll;
  const log = createLog('debug', { write: (line) => lines.push(line) });
  const { token, secrets, ways = [], trusted = [] } = webhook ?? {};
  const all = token === undefined ? [] : [token];
  const app = createApp({
    info: undefined,
    adminToken: undefined,
    replay: () => Promise.reject(new Error('no replay here')),
    notReady: () => [],
    metrics: page,
    log,
    ...changes,
    webhook: {
      ...{ registries, fallback: quay, ratePerSecond: 0, log },
      authentication: createAuthentication({ secrets: { all, bySource: new Map(), ...secrets }, ways }),
      clients: createClientAddresses(trusted),
      confirm: () => Promise.reject(new Error('nothing is fetched here')),
      ...webhook,
      receive(pushes, dryRun) {
        received.push({ pushes, dryRun });
        return receive(pushes, dryRun);
      },
      answered(source, status, seconds) {
        answered.push(`${source} ${status}`);
        page.metrics.webhook(source, status, seconds);
      },
    },
  });
  const server = await listen(app, 0, tls);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url, server, received, answered, lines, page },
    post: (path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        redirect: 'error',
      }),
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers, redirect: 'error' }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A push of Quay's. */
export function quayPush(...tags: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    repository: 'acme/shop',
    namespace: 'acme',
    name: 'shop',
    docker_url: 'quay.io/acme/shop',
    homepage: 'https://quay.io/repository/acme/shop',
    updated_tags: tags,
  };
}
