import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError, messageOf } from '../core/errors.ts';
import { createApi } from './api.ts';
import type { EmbeddedClock } from './clock.ts';
import { startControllers } from './controllers.ts';
import { loadObjects } from './load.ts';
import type { Manifests } from './manifests.ts';
import { createFace } from './server.ts';
import { createState } from './state.ts';
import { createWatchStreams } from './watch-streams.ts';

export type { EmbeddedClock } from './clock.ts';
export type { Manifests } from './manifests.ts';

/** How the embedded cluster runs. */
export interface EmbeddedOptions {
  readonly clock: EmbeddedClock;
  /** 0 takes any free port. */
  readonly port: number;
  /** Default 127.0.0.1: the API knows no users, so it is for this machine only. */
  readonly host?: string;
  /** Default: the sample shop. */
  readonly manifests?: Manifests;
  /** How long a new pod takes to become ready. */
  readonly podReadyMs?: number;
  readonly bookmarkMs?: number;
  /** How many changes watches can go back. */
  readonly logSize?: number;
  /** Makes a new unique id at every call. */
  readonly uid?: () => string;
}

/** A running embedded cluster. */
export interface EmbeddedCluster {
  /** Address of its Kubernetes API. */
  readonly url: string;
  readonly port: number;
  /** Breaks every open watch, as a restarted API server would. */
  resetWatches(): void;
  /** Forgets the history: watches that go on from an earlier version get 410. */
  compact(): void;
  close(): Promise<void>;
}

/**
 * Starts a cluster in this process: Deployments that roll out, behind the Kubernetes API on HTTP.
 *
 * @throws AppError `bad-config` when the manifests are wrong or the port is taken
 */
export async function startEmbeddedCluster(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const {
    clock,
    port,
    host = '127.0.0.1',
    podReadyMs = 1000,
    bookmarkMs = 60_000,
    uid = randomUUID,
  } = options;
  const state = createState({ logSize: options.logSize ?? 20_000 });
  const now = () => clock.now();
  const api = createApi(state, now, uid);
  const streams = createWatchStreams(state, clock, bookmarkMs);
  const stopControllers = startControllers({ state, clock, uid }, clock, podReadyMs);
  loadObjects(api, options.manifests);
  const server = createFace({ api, now, streams });
  const url = await listen(server, port, host).catch((cause: unknown) => {
    stopControllers();
    const what = `the embedded cluster cannot listen on ${host}:${port}: ${messageOf(cause)}`;
    throw new AppError('bad-config', `${what}; UK_EMBEDDED_PORT takes another port`, { cause });
  });
  return {
    url,
    port: (server.address() as AddressInfo).port,
    resetWatches: streams.breakAll,
    compact: state.compact,
    close: async () => {
      stopControllers();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  const { address, family, port: bound } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}
