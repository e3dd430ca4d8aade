import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '..', 'test', 'cluster');
const pins = ['control-plane/go.mod', 'control-plane/go.sum', 'build.sh'];

/**
 * Whether the control plane of `test/cluster` has been built: a bench does not compile for ten minutes unasked. Looks
 * where `test/cluster/build.sh` puts it.
 */
export function isControlPlaneBuilt(): boolean {
  const { UK_TEST_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = UK_TEST_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'updatekate');
  const content = pins.map((file) => readFileSync(join(folder, file)));
  const hash = createHash('sha256').update(Buffer.concat(content)).digest('hex').slice(0, 16);
  const programs = ['etcd', 'kube-apiserver', 'kubectl'];
  return programs.every((name) => existsSync(join(cache, 'control-plane', hash, name)));
}
