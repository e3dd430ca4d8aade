import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { PushAnswer } from '../../src/flows/receive-push.ts';
import type { Service } from '../../src/wire/service.ts';
import { startService } from '../../src/wire.ts';
import { createFakeLog } from './fake-log.ts';

/** The whole service in this process, with real HTTP on a free port. */
export interface RunningService {
  readonly url: string;
  readonly service: Service;
  readonly log: ReturnType<typeof createFakeLog>;
  /** Posts what Quay would. */
  push(repository: string, ...tags: readonly string[]): Promise<{ status: number; answer: PushAnswer }>;
  stop(): Promise<void>;
}

/** A folder for the data of one service, and its end. */
export function aFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'updatekate-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts the service with these variables and waits until it knows the workloads. */
export async function runService(environment: Readonly<Record<string, string>>): Promise<RunningService> {
  const log = createFakeLog();
  const { config } = loadConfig({ UK_PORT: '0', UK_EMBEDDED_PORT: '0', ...environment }, () => '');
  const service = await startService(config, { clock: systemClock, log, random: Math.random });
  await service.ready;
  const url = `http://127.0.0.1:${service.port}`;
  return {
    ...{ url, service, log },
    async push(repository, ...tags) {
      const response = await fetch(`${url}/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ docker_url: repository, updated_tags: tags }),
      });
      return { status: response.status, answer: (await response.json()) as PushAnswer };
    },
    stop: () => service.stop(),
  };
}
