import { isAtLeast, severityOfKind, type NoticeKind } from '../core/notice.ts';
import type { Duties } from './duties.ts';
import type { NotifierSettings } from './file/notifiers.ts';
import type { Config } from './load.ts';
import { watchedNamespaces } from './namespaces.ts';
import { notifiersOf } from './notifiers.ts';
import { watchedPlaces, type WatchedNamespaces } from './watched.ts';

/** Notifiers that are told of nothing, or of nothing in some of their namespaces: written wrong, or forgotten elsewhere. */
export interface DeafNotifiers {
  /** Nothing that this process tells is an event of theirs of which their sink says anything. */
  readonly toAll: readonly string[];
  /** Notifier → namespaces of its list in which nothing is told. */
  readonly to: Readonly<Record<string, readonly string[]>>;
}

/** Where things happen that are told: our updates, and what others do. */
interface Sources {
  readonly updates: WatchedNamespaces;
  readonly changes: WatchedNamespaces;
}

/** Finds them. */
export function deafNotifiers(config: Config, duties: Duties): DeafNotifiers {
  const sources = { updates: updatesIn(config, duties), changes: changesIn(config) };
  const all = Object.entries(notifiersOf(config)).map(([name, { filter, open }]) => {
    const heard = heardIn(toldOf(filter).filter(open.tells), sources);
    const { namespaces: wanted = [] } = filter;
    const missed = heard === 'all' ? [] : wanted.filter((one) => !heard.includes(one));
    return { name, isDeaf: heard.length === 0, missed };
  });
  return {
    toAll: all.filter(({ isDeaf }) => isDeaf).map(({ name }) => name),
    to: Object.fromEntries(
      all
        .filter(({ isDeaf, missed }) => !isDeaf && missed.length > 0)
        .map(({ name, missed }) => [name, missed]),
    ),
  };
}

function toldOf({ events, severity = 'info' }: NotifierSettings['filter']): readonly NoticeKind[] {
  return events.filter((kind) => isAtLeast(severityOfKind(kind), severity));
}

function heardIn(told: readonly NoticeKind[], { updates, changes }: Sources): WatchedNamespaces {
  const from = [...(told.some(isOfUpdate) ? [updates] : []), ...(told.every(isOfUpdate) ? [] : [changes])];
  return from.includes('all') ? 'all' : from.flat();
}

function isOfUpdate(kind: NoticeKind): boolean {
  return kind.startsWith('update.');
}

function updatesIn(config: Config, duties: Duties): WatchedNamespaces {
  if (duties === 'notify') return [];
  const namespaces = watchedNamespaces(config);
  return namespaces.length === 0 ? 'all' : namespaces;
}

function changesIn(config: Config): WatchedNamespaces {
  const all = [...watchedPlaces(config).values()];
  return all.includes('all') ? 'all' : all.flat();
}
