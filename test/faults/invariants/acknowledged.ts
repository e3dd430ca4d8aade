import type { Evidence } from '../evidence.ts';
import { isEnded } from '../records.ts';
import { imageOf, numberOf } from '../tags.ts';
import { waitsForPeople } from './asked.ts';
import type { Violations } from './violations.ts';

/** Every update that an answer named is a record that has ended, or waits for people. */
export function lostUpdates(evidence: Evidence): Violations {
  const { pushes, records } = evidence;
  const byName = new Map(records.map((record) => [record.name, record]));
  const named = new Map(
    pushes.flatMap(({ updates, deployment, tag }) => updates.map((name) => [name, { deployment, tag }])),
  );
  return [...named].flatMap(([name, { deployment, tag }]) => {
    const record = byName.get(name);
    if (!record) return [`lost: update ${name} (${deployment} ${tag}) was acknowledged and has no record`];
    return isEnded(record) || waitsForPeople(record, evidence)
      ? []
      : [`not finished: update ${name} (${deployment} ${tag}) is ${record.phase}`];
  });
}

/**
 * The image is the highest version that was acknowledged, or a higher one that was pushed and never answered. This
 * also finds what was acknowledged without the name of an update, because it was only kept for later. Where people are
 * asked, they decide.
 */
export function wrongImages({ pushes, changes, asking }: Evidence): Violations {
  const unasked = pushes.filter(({ deployment }) => !asking.has(deployment));
  return [...Map.groupBy(unasked, ({ deployment }) => deployment)].flatMap(([deployment, own]) => {
    const acked = own.filter(({ ackedAtMs }) => ackedAtMs !== undefined).map(({ tag }) => numberOf(tag));
    const others = own.filter(({ ackedAtMs }) => ackedAtMs === undefined).map(({ tag }) => numberOf(tag));
    const image = changes.get(deployment)?.at(-1)?.image ?? 'nothing';
    const is = numberOf(image);
    const wanted = Math.max(0, ...acked);
    if (is === wanted || (is > wanted && others.includes(is))) return [];
    return [`not there: ${deployment} runs ${image}, acknowledged was 1.0.${wanted}`];
  });
}

/** Every end that pipelines wait for was told and taken. */
export function untold({ records, told }: Evidence): Violations {
  const taken = new Set(
    told.filter(({ answered }) => answered === 204).map(({ image, status }) => `${image} ${status}`),
  );
  return records
    .filter(({ phase }) => phase === 'Succeeded' || phase === 'Failed')
    .filter(({ deployment, tag, phase }) => !taken.has(`${imageOf(deployment, tag)} ${phase.toLowerCase()}`))
    .map(({ name, deployment, tag, phase }) => `not told: update ${name} (${deployment} ${tag}) is ${phase}`);
}
