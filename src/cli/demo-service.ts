import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The real service, in a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  readonly kubernetesUrl: string;
  stop(): Promise<void>;
}

export interface ServiceProcessOptions {
  /** Where its data goes. */
  readonly folder: string;
  readonly webhookUrl: string;
  readonly secret: string;
  /** Whether its log lines are kept back (they are shown when it cannot start). */
  readonly quiet: boolean;
}

/** Starts `main` beside this file, from source or from the build, as people would with these variables. */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const extension = extname(import.meta.url);
  const main = fileURLToPath(new URL(`../main${extension}`, import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...environment(options), ...process.env },
  });
  const { port, kubernetes } = await listening(child, options.quiet);
  return {
    url: `http://127.0.0.1:${port}`,
    kubernetesUrl: kubernetes,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Whoever sets a variable before `npm run demo` has the last word. */
function environment({
  folder,
  webhookUrl,
  secret,
}: ServiceProcessOptions): Readonly<Record<string, string>> {
  return {
    UK_CLUSTER: 'embedded',
    UK_DEPLOYMENT: 'shop',
    UK_REPO: 'quay.io/updatekate/shop',
    UK_WEBHOOK: webhookUrl,
    UK_WEBHOOK_SECRET: secret,
    UK_ROLLOUT_POLL: '1s',
    UK_DATA_DIR: join(folder, 'data'),
  };
}

/** Reads log lines until the one that says where it listens. */
async function listening(child: ChildProcess, quiet: boolean): Promise<{ port: number; kubernetes: string }> {
  if (!child.stdout) throw new Error('the service has no output');
  const lines = createInterface(child.stdout);
  const found = Promise.withResolvers<{ port: number; kubernetes: string }>();
  const held: string[] = [];
  lines.on('line', (line) => {
    if (quiet) held.push(line);
    else console.log(line);
    const entry = JSON.parse(line) as { msg?: string; port?: number; kubernetes?: string };
    if (entry.msg === 'listening')
      found.resolve({ port: entry.port ?? 0, kubernetes: entry.kubernetes ?? '' });
  });
  child.once('exit', (code) =>
    found.reject(new Error([...held, `the service ended with code ${code}`].join('\n'))),
  );
  return found.promise;
}
