import type { Evidence } from '../evidence.ts';
import { isEnded, type Gate, type UpdateRecord } from '../records.ts';

/** Whether an update may wait for ever so long: people are asked, and have neither said yes nor no. */
export function waitsForPeople({ phase, approval }: UpdateRecord, { takenAtMs }: Evidence): boolean {
  if (phase !== 'AwaitingApproval' || !approval) return false;
  return !isReleased(approval) && !isRejected(approval) && takenAtMs < Date.parse(approval.deadlineAt);
}

/** Whether somebody said no. */
export function isRejected({ given }: Gate): boolean {
  return given.some(({ vote }) => vote === 'reject');
}

/** Whether as many people as it wants have said yes, and nobody no. */
export function isReleased(gate: Gate): boolean {
  const yes = gate.given.filter(({ vote }) => vote === 'approve').map(({ by }) => by.id);
  return !isRejected(gate) && new Set(yes).size >= gate.votes;
}

/** What people were asked about: records of Deployments that ask. */
export function asked({
  records,
  asking,
}: Evidence): readonly (UpdateRecord & { readonly wanted: number })[] {
  return records.flatMap((record) => {
    const wanted = asking.get(record.deployment);
    return wanted === undefined ? [] : [{ ...record, wanted }];
  });
}

/** How it is named in a violation. */
export const nameOf = ({ name, deployment, tag }: UpdateRecord): string =>
  `update ${name} (${deployment} ${tag})`;

/** How the asking went, for the table. */
export function approvalFigures(evidence: Evidence): readonly string[] {
  const records = asked(evidence);
  const count = (phase: string): number => records.filter((one) => one.phase === phase).length;
  const open = records.filter((one) => !isEnded(one)).length;
  const counted = evidence.casts.filter(({ answer }) => answer === 'counted').length;
  const repeated = evidence.casts.filter(({ tries }) => tries > 1).length;
  return [
    `${counted} of ${evidence.casts.length} votes counted (${repeated} repeated)`,
    `asked ${records.length}: ${count('Succeeded')} delivered, ${count('Rejected')} rejected, ${count('Expired')} expired, ` +
      `${count('Superseded')} superseded, ${open} open`,
  ];
}
