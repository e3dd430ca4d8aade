import { readFileSync } from 'node:fs';
import type { Duties } from './config/duties.ts';
import { loadConfig, type Config, type Environment, type LoadedConfig } from './config/load.ts';
import { withoutTokens } from './config/mask.ts';
import { unwatchedNamespaces } from './config/namespaces.ts';
import { requireNode } from './config/node-version.ts';
import { warningsOf } from './config/warnings.ts';
import { hasCode } from './core/errors.ts';
import type { Log } from './core/ports.ts';
import { systemClock } from './lib/clock.ts';
import { createLog, standardOutput, type LogOutput } from './lib/log.ts';
import type { Service, Surroundings } from './wire/service.ts';

/**
 * Runs the service in this process, from its configuration to its end; resolves when it listens. The process ends by a
 * signal, or at once when the service cannot start: 0 = stopped as asked, 1 = a fault of ours, 2 = told to use something
 * that cannot be used.
 */
export function run(environment: Environment, duties: Duties): Promise<void> {
  return serve(() => loadConfig(environment, (path) => readFileSync(path, 'utf8')), duties);
}

/** As `run`, of what has been read: what comes from a pipe cannot be read twice. */
export function runLoaded(loaded: LoadedConfig, duties: Duties): Promise<void> {
  return serve(() => loaded, duties);
}

async function serve(load: () => LoadedConfig, duties: Duties): Promise<void> {
  const output = standardOutput();
  try {
    requireNode(process.versions.node);
    const loaded = load();
    const log = createLog(loaded.config.logLevel, output);
    sayWhatIsRead(loaded, duties, log);
    const service = await start(loaded.config, { clock: systemClock, log, random: Math.random }, duties);
    log.info({ port: service.port, kubernetes: service.kubernetesUrl }, 'listening');
    stopOnSignal(service, log, output);
  } catch (error) {
    const refused = hasCode(error, 'bad-config');
    // Whatever was refused: it may have been a secret in the place of something else.
    const said = withoutTokens(refused ? error.message : String(error));
    process.stderr.write(`updatekate: ${said}\n`);
    await exit(output, refused ? 2 : 1);
  }
}

function sayWhatIsRead({ config, shown, unknown, aliases }: LoadedConfig, duties: Duties, log: Log): void {
  log.info({ duties, config: shown }, 'updatekate starts');
  if (unknown.length > 0) log.warn({ variables: unknown }, 'these variables mean nothing to this version');
  if (aliases.length > 0) log.info({ variables: aliases }, 'these variables are read by their old names');
  const namespaces = duties === 'all' ? unwatchedNamespaces(config) : [];
  if (namespaces.length > 0)
    log.warn(
      { namespaces },
      'these namespaces of environments are not watched: what holds in them holds nowhere',
    );
  for (const { fields, message } of warningsOf(config, duties)) log.warn(fields, message);
}

/** Only now: on a Node that is too old the Kubernetes client would fail at import, with an error nobody understands. */
async function start(config: Config, around: Surroundings, duties: Duties): Promise<Service> {
  if (duties === 'notify') {
    const { startNotify } = await import('./wire/notify.ts');
    return startNotify(config, around);
  }
  const { startService } = await import('./wire.ts');
  return startService(config, around);
}

function stopOnSignal(service: Service, log: Log, output: LogOutput): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    void service.stop().then(
      () => exit(output, 0),
      (error: unknown) => {
        log.error({ error }, 'stopping failed');
        return exit(output, 1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}

async function exit(output: LogOutput, code: 0 | 1 | 2): Promise<never> {
  await output.close();
  process.exit(code);
}
