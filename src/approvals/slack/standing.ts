import { approversOf, isReleased, type Approval, type Vote } from '../../core/approval.ts';
import type { Phase } from '../../core/phases.ts';
import type { Update } from '../../core/update.ts';

/** How a request stands, as its message shows it. */
export type Standing = 'open' | 'approved' | 'rejected' | 'expired' | 'superseded' | 'succeeded' | 'failed';

/** What each phase means to whoever was asked; until delivery, the votes say it. */
const byPhase: Readonly<Record<Phase, Standing | 'votes'>> = {
  Pending: 'votes',
  AwaitingApproval: 'votes',
  Scheduled: 'approved',
  Delivering: 'approved',
  RollingOut: 'approved',
  Verifying: 'approved',
  Succeeded: 'succeeded',
  Rejected: 'rejected',
  Expired: 'expired',
  Superseded: 'superseded',
  Failed: 'failed',
  RolledBack: 'failed',
};

/** How it stands now, whatever it is told of: what is shown is never older than the record. */
export function standingOf({ phase }: Update, approval: Approval): Standing {
  const standing = byPhase[phase];
  if (standing !== 'votes') return standing;
  return isReleased(approval) ? 'approved' : 'open';
}

/** A sign for whoever only looks, and the words. */
export const headlines: Readonly<Record<Standing, readonly [string, string]>> = {
  open: [':hourglass_flowing_sand:', 'Approval needed'],
  approved: [':white_check_mark:', 'Approved'],
  rejected: [':no_entry:', 'Rejected'],
  expired: [':alarm_clock:', 'Expired: not approved in time'],
  superseded: [':fast_forward:', 'Superseded by a newer update'],
  succeeded: [':white_check_mark:', 'Approved and rolled out'],
  failed: [':x:', 'Failed'],
};

/** Who decided, in words: `approved by Ada, Bob`, `rejected by Ada`, `released by Ada without the approvers`. */
export function decidedBy(given: readonly Vote[], escape: (text: string) => string): string | undefined {
  const nameOf = ({ by }: Vote): string => escape(by.fullName ?? by.name);
  const because = ({ reason }: Vote): string => (reason === undefined ? '' : `: ${escape(reason)}`);
  const no = given.find(({ vote }) => vote === 'reject');
  if (no) return `rejected by ${nameOf(no)}${because(no)}`;
  const override = given.find(({ vote }) => vote === 'override');
  if (override) return `released by ${nameOf(override)} without the approvers${because(override)}`;
  const yes = approversOf(given);
  return yes.length === 0
    ? undefined
    : `approved by ${yes.map(({ fullName, name }) => escape(fullName ?? name)).join(', ')}`;
}
