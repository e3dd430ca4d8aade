import { outgoingEvent, type OutgoingEvent } from '../core/announcement.ts';
import { stateOf } from '../core/approval.ts';
import type { Requester } from '../core/ports.ts';
import type { UpdateLink } from '../core/update-link.ts';
import type { Update } from '../core/update.ts';
import { voteAddresses, type VoteAddresses, type VoteLinkSettings } from '../core/vote-addresses.ts';
import { postSigned, type SignedPostOptions } from '../lib/signed-post.ts';

export interface WebhookRequesterOptions extends SignedPostOptions {
  /** What links to vote are made with; undefined = none are sent. */
  readonly links: VoteLinkSettings | undefined;
  /** Where more can be read of an update. */
  readonly link: UpdateLink;
}

/** What is posted: what the outgoing webhook says, and what people need to decide. */
export interface ApprovalRequest extends OutgoingEvent {
  /** The update's record: what is voted on. */
  readonly update: string;
  readonly requester: string | null;
  readonly link: string | null;
  /** Of everyone there can be links for; none once it is decided. */
  readonly links: readonly VoteAddresses[];
}

/**
 * Asks by a signed POST, for whatever brings it to people: a mail, a chat program, a ticket. Who gets it can vote in
 * the name of everyone it has links for.
 */
export function createWebhookRequester({ links, link, ...to }: WebhookRequesterOptions): Requester {
  return {
    name: 'approval-webhook',
    takes: (_event, { approval }) => approval !== undefined,
    async tell(update, event, signal) {
      const { approval } = update;
      const open = approval && isOpen(update, to.clock.now());
      // Nobody is asked for what is decided; what became of it is told next.
      if (event === 'update.awaiting-approval' && !open) return { kind: 'sent' };
      const said = outgoingEvent(update, event);
      if (!said || !approval) return { kind: 'abandoned', message: `nothing to say about ${event}` };
      const request: ApprovalRequest = {
        ...{
          ...said,
          update: update.name,
          requester: approval.requester ?? null,
          link: link(update) ?? null,
        },
        links: open && links ? linksOf(update, approval.approvers, links) : [],
      };
      return await postSigned(to, { id: said.id, body: JSON.stringify(request), headers: {} }, signal);
    },
  };
}

function isOpen({ phase, approval }: Update, now: Date): boolean {
  return phase === 'AwaitingApproval' && approval !== undefined && stateOf(approval, now) === 'pending';
}

function linksOf(
  update: Update,
  approvers: readonly string[],
  settings: VoteLinkSettings,
): readonly VoteAddresses[] {
  return approvers
    .map((voter) => voteAddresses(update, voter, settings))
    .filter((addresses) => addresses !== undefined);
}
