/** Groups of people that the configuration names: name in lower case → people. No group is in a group. */
export type ApprovalGroups = ReadonlyMap<string, readonly string[]>;

const prefix = 'group:';

/**
 * The approvers with the people of every `group:NAME` that is known in its place, each once. Other groups stay as they
 * are written: they are Kubernetes' or Slack's. Letters count in neither case, as when votes are counted.
 */
export function expandGroups(
  approvers: readonly string[],
  groups: ApprovalGroups = new Map(),
): readonly string[] {
  return [...new Set(approvers.flatMap((entry) => groups.get(groupOf(entry)) ?? [entry]))];
}

/** The name of the group that an entry means, in lower case; what is no group gives none. */
function groupOf(entry: string): string {
  const lower = entry.toLowerCase();
  return lower.startsWith(prefix) ? lower.slice(prefix.length) : '';
}
