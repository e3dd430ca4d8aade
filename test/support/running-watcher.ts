import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import type { Clock } from '../../src/core/ports.ts';
import { workloadKinds } from '../../src/core/workload.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';
import type { Service } from '../../src/wire/service.ts';
import { startNotify } from '../../src/wire/notify.ts';
import { startService } from '../../src/wire.ts';
import { waitFor } from '../cluster/wait-for.ts';
import type { EventReceiver } from './event-receiver.ts';

/** What watches in this process: the watcher alone, or the whole service. */
export interface RunningWatcher {
  readonly url: string;
  readonly service: Service;
  /** Every line of its log, as it would be printed. */
  readonly lines: readonly string[];
  /** May be called twice. */
  stop(): Promise<void>;
}

/** `notify` = what `updatekate notify` runs. */
export type Duties = 'all' | 'notify';

/** Every word but those of approvals. */
const events = [
  ...['succeeded', 'failed', 'created', 'image-changed', 'config-changed', 'restarted', 'scaled'],
  ...['autoscaled', 'deleted', 'recovered'],
];

/**
 * Variables, and a file in `folder`, that have these receivers told of everything, each by its name.
 *
 * @param sections of the file, besides `notifiers`.
 */
export function toldTo(
  folder: string,
  receivers: Readonly<Record<string, Pick<EventReceiver, 'url' | 'secret'>>>,
  sections: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, string>> {
  const path = join(folder, `${Object.keys(receivers).join('-')}.yaml`);
  const notifiers = Object.keys(receivers).map((name) => {
    const webhook = { url: { env: `${name}_URL` }, secret: { env: `${name}_SECRET` } };
    return [name, { webhook, events }] as const;
  });
  writeFileSync(path, JSON.stringify({ ...sections, notifiers: Object.fromEntries(notifiers) }));
  const addresses = Object.entries(receivers).flatMap(([name, { url, secret }]) => [
    [`${name}_URL`, url],
    [`${name}_SECRET`, secret],
  ]);
  return { UK_CONFIG: path, ...(Object.fromEntries(addresses) as Record<string, string>) };
}

/** Starts it, with whatever is kept from before. */
export async function startWatcher(
  duties: Duties,
  environment: Environment,
  clock: Clock = systemClock,
): Promise<RunningWatcher> {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => lines.push(line) });
  const all = { UK_PORT: '0', UK_EMBEDDED_PORT: '0', UK_ROLLOUT_POLL: '500ms', ...environment };
  const { config } = loadConfig(all, (path) => readFileSync(path, 'utf8'));
  const start = duties === 'all' ? startService : startNotify;
  const service = await start(config, { clock, log, random: Math.random });
  let stopped: Promise<void> | undefined;
  return {
    ...{ service, lines },
    url: `http://127.0.0.1:${service.port}`,
    stop: () => (stopped ??= service.stop()),
  };
}

/** Resolves when one that has never run has seen what there is in its one namespace. */
export async function firstLook({ lines }: { readonly lines: readonly string[] }): Promise<void> {
  await waitFor('the first look', 60_000, () => {
    const seen = lines.filter((line) => line.includes('seen for the first time'));
    return Promise.resolve(seen.length >= workloadKinds.length ? true : undefined);
  });
}
