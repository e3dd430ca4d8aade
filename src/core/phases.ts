/** Where an update is in its life. The last six are ends. */
export type Phase =
  | 'Pending'
  | 'AwaitingApproval'
  | 'Scheduled'
  | 'Delivering'
  | 'RollingOut'
  | 'Verifying'
  | 'Succeeded'
  | 'Rejected'
  | 'Expired'
  | 'Superseded'
  | 'Failed'
  | 'RolledBack';

/** Every legal step, in one table. A gate that does not apply is passed over; an end has no way out. */
export const transitions: Readonly<Record<Phase, readonly Phase[]>> = {
  Pending: ['AwaitingApproval', 'Scheduled', 'Delivering', 'Superseded', 'Failed'],
  AwaitingApproval: ['Scheduled', 'Delivering', 'Rejected', 'Expired', 'Superseded', 'Failed'],
  Scheduled: ['Delivering', 'Expired', 'Superseded', 'Failed'],
  Delivering: ['RollingOut', 'Superseded', 'Failed'],
  RollingOut: ['Verifying', 'Succeeded', 'Superseded', 'Failed'],
  Verifying: ['Succeeded', 'Superseded', 'Failed'],
  Succeeded: [],
  Rejected: [],
  Expired: [],
  Superseded: [],
  Failed: ['RolledBack'],
  RolledBack: [],
};

const ends: ReadonlySet<Phase> = new Set([
  'Succeeded',
  'Rejected',
  'Expired',
  'Superseded',
  'Failed',
  'RolledBack',
]);
const inFlight: ReadonlySet<Phase> = new Set(['Delivering', 'RollingOut', 'Verifying']);

/** Whether nothing more happens to an update in this phase. */
export function isEnd(phase: Phase): boolean {
  return ends.has(phase);
}

/** Whether the workload may already have been touched: such an update is finished before another begins. */
export function isInFlight(phase: Phase): boolean {
  return inFlight.has(phase);
}
