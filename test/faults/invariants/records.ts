import type { Evidence } from '../evidence.ts';
import { isEnded } from '../records.ts';
import { imageOf, isBroken } from '../tags.ts';
import { changeOf } from './patches.ts';
import type { Violations } from './violations.ts';

/** One record for each Deployment and tag; it ended as it had to, and one that was passed over says why. */
export function wrongRecords({ records, changes, asking }: Evidence): Violations {
  const groups = Map.groupBy(records, ({ deployment, tag }) => `${deployment} ${tag}`);
  const twice = [...groups]
    .filter(([, own]) => own.length > 1)
    .map(([what, own]) => `recorded twice: ${what} has ${own.length} records`);
  const ended = records.filter(isEnded).flatMap(({ name, deployment, tag, phase, reason }) => {
    const what = `wrong record: update ${name} (${deployment} ${tag})`;
    if (phase === 'Superseded') return reason === undefined ? [`${what} is Superseded without a reason`] : [];
    // Whether people wanted it so is checked with their votes.
    if (asking.has(deployment) && (phase === 'Rejected' || phase === 'Expired')) return [];
    const wanted = isBroken(tag) ? 'Failed' : 'Succeeded';
    if (phase !== wanted) return [`${what} ended ${phase} (${reason ?? 'no reason'}), not ${wanted}`];
    return changeOf(changes.get(deployment), imageOf(deployment, tag))
      ? []
      : [`${what} is ${phase} and was never there`];
  });
  return [...twice, ...ended];
}
