import { createKubernetesUsers } from './cluster/token-review.ts';
import type { Config } from './config/load.ts';
import { AppError } from './core/errors.ts';
import type { Rest } from './core/rest.ts';
import { awaitingApproval } from './flows/show-approvals.ts';
import { castVote, type VoteContext } from './flows/vote.ts';
import type { ApprovalOptions } from './http/approvals.ts';
import type { VoteLinkOptions } from './http/vote-links.ts';
import { createVoters, type TokenHolder } from './http/voters.ts';

/** Puts together what takes votes over HTTP, on any replica. Part of the composition root. */
export function wireApprovals(
  { approvalKubernetes }: Pick<Config, 'approvalKubernetes'>,
  holders: readonly TokenHolder[],
  rest: Rest,
  context: VoteContext,
): ApprovalOptions {
  return {
    voters: createVoters(holders, approvalKubernetes ? createKubernetesUsers(rest) : undefined),
    now: () => context.clock.now(),
    find: async (name) => (await context.store.get(name))?.update,
    awaiting: () => awaitingApproval(context),
    vote: (name, ballot) => castVote(context, name, ballot),
  };
}

/** Where links lead, and what signs them. */
export type VoteLinkSettings = Pick<VoteLinkOptions, 'keys' | 'publicUrl'>;

/**
 * What is configured of links; `undefined` when there are none.
 *
 * @throws AppError `bad-config` when nobody knows where they should lead.
 */
export function voteLinkSettings({
  voteLinkKeys,
  publicUrl,
}: Pick<Config, 'voteLinkKeys' | 'publicUrl'>): VoteLinkSettings | undefined {
  const [newest, ...older] = voteLinkKeys ?? [];
  if (!newest) return undefined;
  if (publicUrl !== undefined) return { keys: [newest, ...older], publicUrl };
  const why = 'UK_VOTE_LINK_SECRET needs UK_PUBLIC_URL: where people reach the service';
  throw new AppError('bad-config', why);
}

/** Puts together what makes links and takes votes by them, on any replica. */
export function wireVoteLinks(
  settings: VoteLinkSettings | undefined,
  context: VoteContext,
): { readonly voteLinks?: VoteLinkOptions } {
  if (!settings) return {};
  return {
    voteLinks: {
      ...{ ...settings, clock: context.clock },
      updateOf: async (name) => (await context.store.get(name))?.update,
      vote: (name, ballot) => castVote(context, name, ballot),
    },
  };
}
