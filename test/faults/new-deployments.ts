import type { NewDeployment } from './deployments.ts';
import { imageOf } from './tags.ts';
import { approvers } from './voters.ts';

/** What a Deployment asks for. */
export interface Asking {
  readonly votes: number;
  /** As in the annotation: `10m`. */
  readonly deadline: string;
  /** No traffic pushes for it: the scenario does. */
  readonly quiet?: true;
}

/** The Deployments that an installation follows. */
export interface Followed {
  readonly deployments: number;
  /** So many more have images that never get ready. */
  readonly broken?: number;
  /** Others besides, by name, that people have to let through. */
  readonly asking?: ReadonlyMap<string, Asking>;
}

/** Their names, and what the tags of each end with. */
export function flavoursOf({ deployments, broken = 0, asking }: Followed): ReadonlyMap<string, string> {
  const named = (prefix: string, count: number, flavour: string): [string, string][] =>
    Array.from({ length: count }, (_, n) => [`${prefix}-${n + 1}`, flavour]);
  const asked = [...(asking?.keys() ?? [])].map((name): [string, string] => [name, '']);
  return new Map([...named('app', deployments, ''), ...named('bad', broken, '-broken'), ...asked]);
}

/** How each is created. */
export function newDeployments(
  { asking }: Followed,
  flavours: ReadonlyMap<string, string>,
): readonly NewDeployment[] {
  return [...flavours].map(([name, flavour]) => {
    const wanted = asking?.get(name);
    const annotations: Readonly<Record<string, string>> = wanted
      ? {
          'updatekate.dev/approvals': String(wanted.votes),
          'updatekate.dev/approvers': approvers.join(' '),
          'updatekate.dev/approval-deadline': wanted.deadline,
        }
      : {};
    return { name, image: imageOf(name, `1.0.0${flavour}`), annotations };
  });
}
