import { AppError } from '../core/errors.ts';
import type { Config } from './load.ts';
import { nameOf } from './variable.ts';
import { watchVariables } from './watch-variables.ts';

/** Where what was seen is kept outside of the store. */
export interface ArtifactorySettings {
  /** Of the folder, without a slash at its end. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/**
 * The folder in Artifactory; `undefined` = the store is used. Without a login the address alone is used for nothing, as
 * in the first system: `warningsOf` says so.
 *
 * @throws AppError `bad-config` when there is a login for nothing.
 */
export function artifactorySettings({
  artifactoryUrl,
  artifactoryLogin,
}: Pick<Config, 'artifactoryUrl' | 'artifactoryLogin'>): ArtifactorySettings | undefined {
  if (artifactoryLogin === undefined) return undefined;
  if (artifactoryUrl !== undefined) return { url: artifactoryUrl.replace(/\/+$/, ''), ...artifactoryLogin };
  const { artifactoryUrl: url, artifactoryLogin: login } = watchVariables;
  throw new AppError('bad-config', `${nameOf(login)} is set, but not where: set ${nameOf(url)} too`);
}
