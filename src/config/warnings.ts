import { deafNotifiers } from './deaf-notifiers.ts';
import type { Duties } from './duties.ts';
import type { Config } from './load.ts';
import { notifiersOf } from './notifiers.ts';
import { watchedPlaces } from './watched.ts';

/** Something that is allowed, and probably not what was meant: a line of the log. */
export interface Warning {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What is to be said at the start of the configuration of the watcher. */
export function warningsOf(config: Config, duties: Duties): readonly Warning[] {
  const places = watchedPlaces(config);
  const idle = Object.keys(config.file.clusters).filter((name) => !places.has(name));
  const unread = config.proxies?.unread ?? [];
  const { artifactoryUrl: url, artifactoryLogin } = config;
  const isToldToNobody = Object.keys(notifiersOf(config)).length === 0;
  const deaf = deafNotifiers(config, duties);
  return [
    ...when(
      url !== undefined && artifactoryLogin === undefined,
      { url },
      'UK_ARTIFACTORY_URL is not used: without UK_ARTIFACTORY_LOGIN what was seen is kept in the store',
    ),
    ...when(unread.length > 0, { entries: unread }, 'these entries of no_proxy mean nothing'),
    ...when(idle.length > 0, { clusters: idle }, 'these clusters are not watched: nothing is done in them'),
    ...when(
      places.size > 0 && isToldToNobody,
      { clusters: [...places.keys()] },
      'changes are watched, and nobody is told: there is no notifier',
    ),
    ...when(
      deaf.toAll.length > 0,
      { notifiers: deaf.toAll },
      'these notifiers are told of nothing: none of their events happens here',
    ),
    ...when(
      Object.keys(deaf.to).length > 0,
      { namespaces: deaf.to },
      'these notifiers name namespaces that are not watched: nothing in them is told',
    ),
  ];
}

function when(isSo: boolean, fields: Warning['fields'], message: string): readonly Warning[] {
  return isSo ? [{ fields, message }] : [];
}
