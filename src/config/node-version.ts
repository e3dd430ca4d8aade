import { AppError } from '../core/errors.ts';

/** The oldest Node that the Kubernetes client (undici 8) runs on; package.json says the same. */
const oldest = [22, 19] as const;
/** Of each line, from where on its agents know proxies: https://nodejs.org/api/http.html#built-in-proxy-support */
const withProxies = [
  [22, 21],
  [24, 5],
] as const;

/** @throws AppError `bad-config` when `version` (`process.versions.node`) is too old. */
export function requireNode(version: string): void {
  const { major, minor } = partsOf(version);
  const [oldestMajor, oldestMinor] = oldest;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new AppError(
    'bad-config',
    `Node ${version} is too old: ${oldest.join('.')} or newer is needed, 24 is best`,
  );
}

/** @throws AppError `bad-config` when `version` knows no proxies; `variable` is the one that names a proxy. */
export function requireNodeForProxy(variable: string, version: string): void {
  const { major, minor } = partsOf(version);
  if (major > 24 || withProxies.some(([line, first]) => major === line && minor >= first)) return;
  const needed = withProxies.map((line) => line.join('.')).join(', ');
  throw new AppError(
    'bad-config',
    `${variable} is set, and Node ${version} knows no proxies: ${needed} or newer is needed for that`,
  );
}

function partsOf(version: string): { readonly major: number; readonly minor: number } {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return { major, minor };
}
