import { approversOf, type VoteKind } from '../../core/approval.ts';
import type { VoteResult } from '../../flows/vote.ts';
import { escapeText } from '../../lib/slack/text.ts';

/** Why a click or a phrase never became a vote. */
export type NoVote =
  | 'malformed'
  | 'other-workspace'
  | 'other-app'
  | 'other-channel'
  | 'other-request'
  | 'unknown-person'
  | 'nothing-waits'
  | 'ambiguous';

type Refusal = Extract<VoteResult, { kind: 'refused' }>['reason'] | NoVote;

/** What the voter reads when something went wrong before it was certain that his vote counts. */
export const notCountedText =
  'something went wrong: your vote may not have been counted. Look at the request, and vote again if you still can';

/** What the clicker reads, and nobody else: for each reason words of its own. `what` is escaped here. */
export function refusalText(reason: Refusal, what: string): string {
  const it = `*${escapeText(what, 400)}*`;
  const texts: Readonly<Record<Refusal, string>> = {
    // The first system's words.
    'not-an-approver': `you are not configured to approve ${it}`,
    'nothing-waits': `you are not configured to approve ${it}: nothing of that name waits for approval here`,
    'not-found': `the update of ${it} is not there any more`,
    'not-asked': `nobody has been asked about ${it}`,
    decided: `${it} has been decided already`,
    superseded: `${it}: a newer update has taken the place of this one`,
    expired: `${it} was not decided in time: push the tag again`,
    'other-request': `${it} is not what this message shows any more: look at it again`,
    'own-request': `you asked for ${it} yourself: somebody else has to approve it`,
    'voted-already': `you have approved ${it} already`,
    'override-not-allowed': `you may not release ${it} without its approvers`,
    'reason-missing': `${it}: say why you release it without its approvers`,
    malformed: 'this button is none of mine',
    'other-workspace': `only people of this workspace approve ${it}`,
    'other-app': 'this button is none of mine',
    'other-channel': `${it} was not asked about in this channel`,
    'unknown-person': `Slack does not say who you are: you cannot approve ${it}`,
    ambiguous: `several updates are called ${it}: use the buttons`,
  };
  return texts[reason];
}

/** What the clicker reads of a vote that counts. */
export function countedText(
  { update, state }: Extract<VoteResult, { kind: 'counted' }>,
  vote: VoteKind,
): string {
  const it = `*${escapeText(update.workload.name, 400)}*`;
  if (vote === 'reject') return `${it} has been rejected`;
  if (state === 'approved') return `${it} has been approved`;
  const { votes = 0, given = [] } = update.approval ?? {};
  return `your approval of ${it} counts: ${approversOf(given).length} of ${votes}`;
}
