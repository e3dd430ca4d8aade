import { z } from 'zod';
import type { Ballot } from '../../core/ballot.ts';
import type { Log, Metrics } from '../../core/ports.ts';
import type { Update } from '../../core/update.ts';
import type { VoteResult } from '../../flows/vote.ts';
import type { SlackClient } from '../../lib/slack/client.ts';
import type { Directory } from '../../lib/slack/directory.ts';
import type { SlackIdentity } from '../../lib/slack/identity.ts';
import type { Posted, PostedRequests } from '../../lib/slack/posted.ts';
import type { From } from './payloads.ts';
import { countedText, refusalText, type NoVote } from './replies.ts';
import { voterOf } from './voter.ts';

/** What clicks and phrases are decided with. */
export interface DecideOptions {
  readonly client: SlackClient;
  readonly identity: (signal: AbortSignal) => Promise<SlackIdentity>;
  readonly directory: Directory;
  readonly posted: PostedRequests;
  /** Counts a vote. */
  readonly cast: (name: string, ballot: Ballot) => Promise<VoteResult>;
  /** The updates that wait for approval. */
  readonly waiting: () => Promise<readonly Update[]>;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'vote'>;
}

/** A vote for a request as it stands in Slack. */
export interface VoteOnRequest {
  readonly posted: Posted;
  readonly vote: 'approve' | 'reject';
  /** What the voter calls the update. */
  readonly what: string;
}

const Done = z.object({});

/** Why it is none of ours to take; `undefined` when it is. */
export function foreignTo(
  self: SlackIdentity,
  { teamId, userTeamId = teamId, appId }: From,
): NoVote | undefined {
  if (teamId !== self.teamId || userTeamId !== self.teamId) return 'other-workspace';
  return appId === self.appId ? undefined : 'other-app';
}

/** Has a vote counted in the name of whoever Slack says it is, and tells him what became of it. */
export async function castFor(
  options: DecideOptions,
  { posted, vote, what }: VoteOnRequest,
  from: From,
  signal: AbortSignal,
): Promise<void> {
  const voter = await voterOf(options.directory, from, posted, signal);
  if (!voter) return refuse(options, 'unknown-person', { what, from }, signal);
  const result = await options.cast(posted.update, { voter, vote, hash: posted.hash });
  const text = result.kind === 'refused' ? refusalText(result.reason, what) : countedText(result, vote);
  await answer(options, from, text, signal);
}

/** Refuses what never became a vote, and says why. */
export async function refuse(
  options: DecideOptions,
  reason: NoVote,
  { what, from }: { readonly what: string; readonly from: From },
  signal: AbortSignal,
): Promise<void> {
  refused(options, reason);
  await answer(options, from, refusalText(reason, what), signal);
}

/** Refuses it without a word: nobody who comes from elsewhere is answered. */
export function refused({ metrics, log }: DecideOptions, reason: NoVote): void {
  metrics.vote('slack', reason);
  log.warn({ via: 'slack', reason }, 'vote refused');
}

/** Seen by the voter only. That he is told is less important than what became of his vote. */
export async function answer(
  { client, log }: DecideOptions,
  { channel, userId: user }: From,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.call('chat.postEphemeral', { channel, user, text: `<@${user}> ${text}` }, Done, signal);
  } catch (error) {
    log.warn({ error }, 'slack: a voter could not be answered');
  }
}
