import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const wire = new URL('../../src/wire.ts', import.meta.url).href;

/**
 * Compiles the service once, for all its processes: a run starts hundreds of them, and the time of the processor
 * would be missing where it is measured. A process that is killed would never leave its own compilation behind.
 *
 * @returns the folder, for NODE_COMPILE_CACHE.
 */
export async function compileOnce(parent: string): Promise<string> {
  const folder = join(parent, 'compile-cache');
  const script = `await import(${JSON.stringify(wire)}); process.exit(0)`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: folder },
  });
  return folder;
}
