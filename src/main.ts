import { readFileSync } from 'node:fs';
import { loadConfig } from './config/load.ts';
import { unwatchedNamespaces } from './config/namespaces.ts';
import { requireNode } from './config/node-version.ts';
import { hasCode } from './core/errors.ts';
import { systemClock } from './lib/clock.ts';
import { createLog, standardOutput } from './lib/log.ts';

const output = standardOutput();

/** Exit codes: 0 = stopped as asked, 1 = a fault of ours, 2 = told to use something that cannot be used. */
async function exit(code: 0 | 1 | 2): Promise<never> {
  await output.close();
  process.exit(code);
}

try {
  requireNode(process.versions.node);
  const { config, shown, unknown } = loadConfig(process.env, (path) => readFileSync(path, 'utf8'));
  const log = createLog(config.logLevel, output);
  log.info({ config: shown }, 'updatekate starts');
  if (unknown.length > 0) log.warn({ variables: unknown }, 'these variables mean nothing to this version');
  const namespaces = unwatchedNamespaces(config);
  if (namespaces.length > 0)
    log.warn(
      { namespaces },
      'these namespaces of environments are not watched: what holds in them holds nowhere',
    );
  // Only now: on a Node that is too old the Kubernetes client would fail at import, with an error nobody understands.
  const { startService } = await import('./wire.ts');
  const service = await startService(config, { clock: systemClock, log, random: Math.random });
  log.info({ port: service.port, kubernetes: service.kubernetesUrl }, 'listening');
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    void service.stop().then(
      () => exit(0),
      (error: unknown) => {
        log.error({ error }, 'stopping failed');
        return exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
} catch (error) {
  const refused = hasCode(error, 'bad-config');
  process.stderr.write(`updatekate: ${refused ? error.message : String(error)}\n`);
  await exit(refused ? 2 : 1);
}
