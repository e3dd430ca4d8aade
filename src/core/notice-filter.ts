import { isAtLeast, severityOfKind, type NoticeKind, type Severity } from './notice.ts';

/** What a notifier is told of; what is absent does not matter. */
export interface NoticeFilter {
  readonly events: readonly NoticeKind[];
  readonly namespaces?: readonly string[] | undefined;
  readonly teams?: readonly string[] | undefined;
  readonly severity?: Severity | undefined;
}

/** Whether it is told of this. Nobody's workload is no team's. */
export function isWanted(
  { events, namespaces, teams, severity = 'info' }: NoticeFilter,
  kind: NoticeKind,
  { namespace, team }: { readonly namespace: string; readonly team: string | undefined },
): boolean {
  return (
    events.includes(kind) &&
    isAtLeast(severityOfKind(kind), severity) &&
    (namespaces?.includes(namespace) ?? true) &&
    (teams === undefined || (team !== undefined && teams.includes(team)))
  );
}
