import { AppError } from '../core/errors.ts';
import { artifactorySettings } from './artifactory.ts';
import { variables } from './environment.ts';
import type { Config } from './load.ts';
import { notifiersOf } from './notifiers.ts';
import { nameOf } from './variable.ts';

/**
 * The configuration in which one variable has its say in what another means.
 *
 * @throws AppError `bad-config` naming variables that do not fit each other.
 */
export function fitted(config: Config): Config {
  // What they make of it is asked for again where it is needed.
  notifiersOf(config);
  artifactorySettings(config);
  return { ...config, cluster: clusterOf(config) };
}

function clusterOf({ cluster, kubeconfig }: Pick<Config, 'cluster' | 'kubeconfig'>): Config['cluster'] {
  if (kubeconfig === undefined) return cluster;
  if (cluster === 'auto' || cluster === 'kubeconfig') return 'kubeconfig';
  throw new AppError(
    'bad-config',
    `${nameOf(variables.kubeconfig)} is set, but UK_CLUSTER=${cluster} uses no kubeconfig: keep one of them`,
  );
}
