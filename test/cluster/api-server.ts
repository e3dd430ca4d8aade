import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiClient, type ApiClient } from './api-client.ts';
import { apiServerArgs } from './component-args.ts';
import type { Credentials } from './credentials.ts';
import type { RunningProcess } from './running-process.ts';
import { waitFor } from './wait-for.ts';
import type { Workspace } from './workspace.ts';

/** What a test may do to the API server. */
export interface ApiServerControl {
  /** Sends `signal`; waits for the end of the process unless it is SIGSTOP or SIGCONT. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again, on the same port with the same data, and waits until it is ready. */
  start(): Promise<void>;
}

/** The API server as its neighbours need it. */
export interface ApiServer extends ApiServerControl {
  readonly server: string;
  readonly caPem: string;
  readonly caFile: string;
  readonly client: ApiClient;
  /** Waits until the server says that it is ready. */
  ready(): Promise<void>;
}

/** How to start the API server. */
export interface ApiServerOptions {
  readonly program: string;
  readonly port: number;
  readonly etcdPort: number;
  readonly credentials: Credentials;
  readonly extraArgs: readonly string[];
}

const readyTimeoutMs = 60_000;

/** Starts the API server and returns as soon as its certificate is there, which is before it is ready. */
export async function launchApiServer(workspace: Workspace, options: ApiServerOptions): Promise<ApiServer> {
  const { program, port, extraArgs, credentials } = options;
  const certDir = join(workspace.dir, 'certs');
  const args = [...apiServerArgs({ ...options, certDir }), ...extraArgs];
  const launch = () => workspace.run('kube-apiserver', program, args);
  let running: RunningProcess = await launch();

  const caFile = join(certDir, 'apiserver.crt');
  const caPem = await waitFor('the certificate of kube-apiserver', readyTimeoutMs, async () => {
    running.assertAlive();
    // The key is written last.
    return existsSync(join(certDir, 'apiserver.key')) ? await readFile(caFile, 'utf8') : undefined;
  });
  const server = `https://127.0.0.1:${port}`;
  const client = apiClient(server, caPem, credentials.tokens.admin);

  async function ready(): Promise<void> {
    await waitFor('kube-apiserver to be ready', readyTimeoutMs, async () => {
      running.assertAlive();
      return (await client.get('/readyz'))?.status === 200 ? true : undefined;
    });
  }

  return {
    server,
    caPem,
    caFile,
    client,
    ready,
    kill: (signal) => running.kill(signal),
    async start() {
      running = await launch();
      await ready();
    },
  };
}
