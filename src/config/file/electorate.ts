import { expandGroups } from '../../core/approval-groups.ts';
import { mostApprovers, type ApprovalDefaults, type ApprovalSettings } from '../../core/approval-rules.ts';
import { isPerson } from './people.ts';
import type { Problem } from './problem.ts';

/** What the file says of who approves. */
interface Electorate {
  readonly environments: Readonly<
    Record<
      string,
      { readonly namespaces: readonly string[]; readonly approvals?: ApprovalDefaults | undefined }
    >
  >;
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** Where approvals are asked for, by the file: each namespace as its environment says, groups as the file says. */
export function approvalsOf(file: Electorate): Required<Omit<ApprovalSettings, 'legacyKey'>> {
  const groups = new Map(Object.entries(file.groups));
  const byNamespace = new Map(
    Object.values(file.environments).flatMap(({ namespaces, approvals = {} }) => {
      const defaults = expanded(approvals, groups);
      return namespaces.map((namespace) => [namespace, defaults] as const);
    }),
  );
  return { groups, defaultsFor: ({ namespace }) => byNamespace.get(namespace) ?? {} };
}

/** Lists of approvers that could never give the votes, or that are too long with the people of their groups. */
export function tooFewOrMany({ environments, groups }: Electorate): readonly Problem[] {
  const known = new Map(Object.entries(groups));
  return Object.entries(environments).flatMap(([name, { approvals = {} }]): readonly Problem[] => {
    const path = ['environments', name, 'approvals'];
    const { votes = 0, approvers } = expanded(approvals, known);
    if (approvers === undefined) return [];
    const people = new Set(approvers.map((entry) => entry.toLowerCase())).size;
    if (approvers.length > mostApprovers) {
      const what = `${approvers.length} with the people of its groups; allowed: ${mostApprovers}`;
      return [{ path: [...path, 'approvers'], what }];
    }
    if (people >= votes || !approvers.every(isPerson)) return [];
    return [
      {
        path: [...path, 'votes'],
        what: `${votes} is not allowed; allowed: at most ${people}, as many as approvers`,
      },
    ];
  });
}

function expanded(
  approvals: ApprovalDefaults,
  groups: ReadonlyMap<string, readonly string[]>,
): ApprovalDefaults {
  const { approvers } = approvals;
  return approvers === undefined ? approvals : { ...approvals, approvers: expandGroups(approvers, groups) };
}
