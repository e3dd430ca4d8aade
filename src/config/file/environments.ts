import { z } from 'zod';
import { Approvals } from './approvals.ts';
import { describe, spell, type Problem } from './problem.ts';
import { section } from '../../core/section.ts';
import { name, named } from './name.ts';

const allowedNamespaces = 'a list of namespaces, at least one';

/** `environments:` name → what it consists of, and what holds in it. */
export const Environments = named(
  'environments',
  section({
    namespaces: z.array(name, allowedNamespaces).min(1, allowedNamespaces),
    approvals: Approvals.optional(),
  }),
);

/** Only what is needed to find doubles, so that they are found in a file that has other faults too. */
const Rough = z
  .record(z.string(), z.object({ namespaces: z.array(z.unknown()) }).catch({ namespaces: [] }))
  .catch({});

/** Namespaces that are said twice: what holds in them would be a matter of luck. `given` is `environments:` as read. */
export function doubleNamespaces(given: unknown): readonly Problem[] {
  const all = Object.entries(Rough.parse(given)).flatMap(([environment, { namespaces }]) =>
    namespaces.map((namespace, index) => ({
      namespace,
      path: ['environments', environment, 'namespaces', index],
    })),
  );
  const first = new Map<unknown, readonly PropertyKey[]>();
  return all.flatMap(({ namespace, path }): readonly Problem[] => {
    const before = first.get(namespace);
    if (typeof namespace !== 'string' || before === undefined) {
      first.set(namespace, path);
      return [];
    }
    const where = `${describe(namespace)} is in ${spell(before)} already`;
    return [{ path, what: `${where}; allowed: each namespace once, in one environment` }];
  });
}
