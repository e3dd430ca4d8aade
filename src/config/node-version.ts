import { AppError } from '../core/errors.ts';

/** The oldest Node that the Kubernetes client (undici 8) runs on. */
const oldest = [22, 19] as const;

/** @throws AppError `bad-config` when `version` (`process.versions.node`) is too old. */
export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldest;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new AppError(
    'bad-config',
    `Node ${version} is too old: ${oldest.join('.')} or newer is needed, 24 is best`,
  );
}
