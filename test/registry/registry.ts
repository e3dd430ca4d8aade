import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../cluster/free-ports.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { writeImage } from './image.ts';

const run = promisify(execFile);

/** A real registry that tells of what is pushed to it. */
export interface Registry {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Pushes a new image of these architectures; returns its digest. */
  push(repository: string, tag: string, architectures?: readonly string[]): Promise<string>;
  /** Reads an image, which the registry tells of as well. */
  pull(repository: string, tag: string): Promise<void>;
  close(): Promise<void>;
}

const startTimeoutMs = 20_000;

/**
 * Starts Debian's docker-registry, whose notifications go to `webhook`.
 *
 * @throws Error that says what to install when it, or skopeo, is missing.
 */
export async function startRegistry(webhook: string): Promise<Registry> {
  await run('skopeo', ['--version']).catch(() => {
    throw new Error('skopeo is missing: apt-get install docker-registry skopeo');
  });
  const [port = 0] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'updatekate-registry-'));
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify(configuration(folder, host, webhook)));
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const failed = once(child, 'error').then(() => {
    throw new Error('docker-registry is missing: apt-get install docker-registry skopeo');
  });
  const ready = waitFor('the registry', startTimeoutMs, async () => {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    return answer?.status === 200 ? true : undefined;
  });
  await Promise.race([ready, failed]);
  let images = 0;
  const url = (repository: string, tag: string): string => `docker://${host}/${repository}:${tag}`;
  return {
    host,
    async push(repository, tag, architectures = ['amd64']) {
      const layout = join(folder, `image-${++images}`);
      writeImage(layout, `${repository}:${tag} ${images}`, architectures);
      const options = ['--all', '--dest-tls-verify=false', '--insecure-policy'];
      const digestFile = join(folder, 'digest');
      await run('skopeo', ['copy', ...options, `oci:${layout}`, url(repository, tag)]);
      const { stdout } = await run('skopeo', [
        ...['inspect', '--raw', '--tls-verify=false', url(repository, tag)],
      ]);
      writeFileSync(digestFile, stdout);
      return (await run('skopeo', ['manifest-digest', digestFile])).stdout.trim();
    },
    async pull(repository, tag) {
      await run('skopeo', ['inspect', '--tls-verify=false', url(repository, tag)]);
    },
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** https://distribution.github.io/distribution/about/configuration/#notifications */
function configuration(folder: string, addr: string, url: string): unknown {
  const endpoint = { name: 'updatekate', url, timeout: '500ms', threshold: 3, backoff: '1s' };
  return {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') } },
    http: { addr },
    notifications: { endpoints: [endpoint] },
  };
}
