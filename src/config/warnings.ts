import type { Config } from './load.ts';
import { notifiersOf } from './notifiers.ts';
import { watchedPlaces } from './watched.ts';

/** Something that is allowed, and probably not what was meant: a line of the log. */
export interface Warning {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What is to be said at the start of the configuration of the watcher. */
export function warningsOf(config: Config): readonly Warning[] {
  const places = watchedPlaces(config);
  const idle = Object.keys(config.file.clusters).filter((name) => !places.has(name));
  const unread = config.proxies?.unread ?? [];
  const told = Object.keys(notifiersOf(config));
  return [
    ...(config.artifactoryUrl !== undefined && config.artifactoryLogin === undefined
      ? [
          {
            fields: { url: config.artifactoryUrl },
            message:
              'UK_ARTIFACTORY_URL is not used: without UK_ARTIFACTORY_LOGIN what was seen is kept in the store',
          },
        ]
      : []),
    ...(unread.length > 0
      ? [{ fields: { entries: unread }, message: 'these entries of no_proxy mean nothing' }]
      : []),
    ...(idle.length > 0
      ? [{ fields: { clusters: idle }, message: 'these clusters are not watched: nothing is done in them' }]
      : []),
    ...(places.size > 0 && told.length === 0
      ? [
          {
            fields: { clusters: [...places.keys()] },
            message: 'changes are watched, and nobody is told: there is no notifier',
          },
        ]
      : []),
  ];
}
