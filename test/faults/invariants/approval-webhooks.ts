import type { Evidence } from '../evidence.ts';
import type { ToldStatus } from '../receiver.ts';
import type { UpdateRecord } from '../records.ts';
import { imageOf } from '../tags.ts';
import { asked, isReleased, nameOf } from './asked.ts';
import type { Violations } from './violations.ts';

/** What an update of a Deployment that asks must have been told as, and no more. */
function toldOf({ phase, approval }: UpdateRecord): readonly ToldStatus[] {
  if (!approval) return [];
  const ends: Readonly<Record<string, readonly ToldStatus[]>> = {
    ...{ Delivering: ['approved'], RollingOut: ['approved'], Succeeded: ['approved', 'succeeded'] },
    ...{ Rejected: ['rejected'], Expired: ['expired'] },
  };
  return ['awaiting-approval', ...(ends[phase] ?? [])];
}

/** What became of the asking was told and taken. */
export function untoldApprovals(evidence: Evidence): Violations {
  const taken = new Set(
    evidence.told.filter(({ answered }) => answered === 204).map(({ image, status }) => `${image} ${status}`),
  );
  return asked(evidence).flatMap((record) => {
    const { deployment, tag, phase } = record;
    // One that was delivered and superseded by nobody is told as such; one that was never asked about is not.
    const wanted =
      phase === 'Superseded' && record.approval ? [...toldOf(record), 'superseded'] : toldOf(record);
    return wanted
      .filter((status) => !taken.has(`${imageOf(deployment, tag)} ${status}`))
      .map((status) => `not told: ${nameOf(record)} is ${phase}, of which "${status}" was not taken`);
  });
}

/** Nothing was told that has not happened, and nothing of approvals where nobody is asked. */
export function madeUpWebhooks(evidence: Evidence): Violations {
  const { told, asking, casts } = evidence;
  const records = new Map(asked(evidence).map((one) => [imageOf(one.deployment, one.tag), one]));
  return told.flatMap(({ deployment, image, status }) => {
    if (status === 'succeeded' || status === 'failed') return [];
    const record = records.get(image);
    const what = `told and not so: "${status}" of ${image}`;
    if (!asking.has(deployment) || !record) return [`${what}, where nobody is asked`];
    const votes = casts.filter(({ update }) => update === record.name);
    const isSo: Readonly<Record<typeof status, boolean>> = {
      'awaiting-approval': record.approval !== undefined,
      approved: record.approval !== undefined && isReleased(record.approval),
      rejected: votes.some(({ vote }) => vote === 'reject') && record.phase === 'Rejected',
      expired: record.phase === 'Expired',
      superseded: record.phase === 'Superseded',
    };
    return isSo[status] ? [] : [`${what}, which is ${record.phase}`];
  });
}
