import { createKubernetesUsers } from '../cluster/token-review.ts';
import type { Config } from '../config/load.ts';
import { AppError } from '../core/errors.ts';
import type { Rest } from '../core/rest.ts';
import type { VoteLinkSettings } from '../core/vote-addresses.ts';
import { awaitingApproval } from '../flows/show-approvals.ts';
import { castVote, type VoteContext } from '../flows/vote.ts';
import type { ApprovalOptions } from '../http/approvals.ts';
import type { VoteLinkOptions } from '../http/vote-links.ts';
import { createVoters, tokenHolders, type TokenHolder } from '../http/voters.ts';

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

/** Who may vote over HTTP, as it is configured. */
export interface VotingSettings {
  readonly holders: readonly TokenHolder[];
  /** Whether users of Kubernetes may, too. */
  readonly kubernetes: boolean;
  readonly links: VoteLinkSettings | undefined;
}

/** @throws AppError `bad-config` when it cannot be. */
export function votingSettings(config: Config): VotingSettings {
  const { adminToken, approvalTokens, approvalKubernetes: kubernetes } = config;
  const holders = tokenHolders(adminToken, approvalTokens);
  return { holders, kubernetes, links: voteLinkSettings(config) };
}

/** Puts together what takes votes over HTTP, on any replica. Part of the composition root. */
export function wireApprovals(
  { holders, kubernetes, links }: VotingSettings,
  rest: Rest,
  context: VoteContext,
): { readonly approvals: ApprovalOptions; readonly voteLinks?: VoteLinkOptions } {
  const approvals: ApprovalOptions = {
    voters: createVoters(holders, kubernetes ? createKubernetesUsers(rest) : undefined),
    now: () => context.clock.now(),
    find: async (name) => (await context.store.get(name))?.update,
    awaiting: () => awaitingApproval(context),
    vote: (name, ballot) => castVote(context, name, ballot),
  };
  return links ? { approvals, voteLinks: { ...links, ...approvals } } : { approvals };
}
