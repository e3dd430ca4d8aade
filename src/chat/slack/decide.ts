import { z } from 'zod';
import type { Ballot } from '../../core/ballot.ts';
import type { Log, Metrics } from '../../core/ports.ts';
import type { Update } from '../../core/update.ts';
import type { VoteResult } from '../../flows/vote.ts';
import { actionIds, readButtonValue, type ButtonValue } from '../../lib/slack/button.ts';
import type { SlackClient } from '../../lib/slack/client.ts';
import type { SlackIdentity } from '../../lib/slack/identity.ts';
import type { Posted, PostedRequests } from '../../lib/slack/posted.ts';
import { readClick, readTyped, type Click, type Typed } from './payloads.ts';
import { readPhrase } from './phrase.ts';
import { countedText, refusalText, type NoVote } from './replies.ts';
import { voterOf, type VoterOptions } from './voter.ts';

export interface DecideOptions extends VoterOptions {
  readonly client: SlackClient;
  readonly identity: (signal: AbortSignal) => Promise<SlackIdentity>;
  readonly posted: PostedRequests;
  /** Counts a vote. */
  readonly cast: (name: string, ballot: Ballot) => Promise<VoteResult>;
  /** The updates that wait for approval. */
  readonly waiting: () => Promise<readonly Update[]>;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'vote'>;
}

/** Whom to answer, and where. */
interface Clicker {
  readonly channel: string;
  readonly userId: string;
}

const Done = z.object({});

/** Takes a click for what it is: everything it says is held against what we know ourselves. */
export async function decideByClick(
  options: DecideOptions,
  body: unknown,
  signal: AbortSignal,
): Promise<void> {
  const click = readClick(body);
  const value = click && readButtonValue(click.value);
  const vote = click && voteOf(click.actionId);
  if (!click || !value || !vote) {
    refused(options, 'malformed');
    return;
  }
  const self = await options.identity(signal);
  const foreign =
    foreignTo(self, click) ?? (click.channel === click.containerChannel ? undefined : 'other-channel');
  if (foreign) {
    // Nobody who comes from elsewhere is answered.
    refused(options, foreign);
    return;
  }
  const shown = await shownAt(options, click, value, signal);
  if (shown.kind === 'none') {
    refused(options, shown.reason);
    await answer(options, click, refusalText(shown.reason, value.update), signal);
    return;
  }
  await castFor(options, { posted: shown.posted, vote, what: undefined }, { click, self }, signal);
}

type Shown =
  { readonly kind: 'shown'; readonly posted: Posted } | { readonly kind: 'none'; readonly reason: NoVote };

/** The request that the button is in. A button says what its message shows, or it is none of ours. */
async function shownAt(
  { posted: requests }: DecideOptions,
  { channel, ts }: Click,
  { update, hash }: ButtonValue,
  signal: AbortSignal,
): Promise<Shown> {
  const posted = await requests.at(channel, ts, signal);
  if (posted?.update !== update) return { kind: 'none', reason: 'other-channel' };
  return posted.hash === hash ? { kind: 'shown', posted } : { kind: 'none', reason: 'other-request' };
}

function voteOf(actionId: string): 'approve' | 'reject' | undefined {
  if (actionId === actionIds.approve) return 'approve';
  return actionId === actionIds.reject ? 'reject' : undefined;
}

function foreignTo(
  self: SlackIdentity,
  {
    teamId,
    userTeamId = teamId,
    appId,
  }: Pick<Click, 'teamId' | 'appId'> & { readonly userTeamId?: string | undefined },
): NoVote | undefined {
  if (teamId !== self.teamId || userTeamId !== self.teamId) return 'other-workspace';
  return appId === self.appId ? undefined : 'other-app';
}

/** Takes a message: one that is no phrase of ours is nothing to us. */
export async function decideByPhrase(
  options: DecideOptions,
  body: unknown,
  signal: AbortSignal,
): Promise<void> {
  const typed = readTyped(body);
  if (!typed || !/\b(?:approve|reject)\b/.test(typed.text)) return;
  const self = await options.identity(signal);
  const phrase = readPhrase(typed.text, self.botUserId);
  if (!phrase) return;
  const foreign = foreignTo(self, typed);
  if (foreign) {
    refused(options, foreign);
    return;
  }
  const { namespace, name, vote } = phrase;
  const what = namespace === undefined ? name : `${namespace}/${name}`;
  const [posted, ...more] = await shownAs(options, { namespace, name }, typed, signal);
  if (!posted || more.length > 0) {
    const reason = posted ? 'ambiguous' : 'nothing-waits';
    refused(options, reason);
    return answer(options, typed, refusalText(reason, what), signal);
  }
  await castFor(options, { posted, vote, what }, { click: typed, self }, signal);
}

/** The requests of this name that were to be seen in the channel when it was typed: only what was seen is approved. */
async function shownAs(
  { waiting, posted }: DecideOptions,
  { namespace, name }: { readonly namespace: string | undefined; readonly name: string },
  { channel, ts }: Typed,
  signal: AbortSignal,
): Promise<readonly Posted[]> {
  const named = (await waiting()).filter(
    ({ workload }) => workload.name === name && (namespace ?? workload.namespace) === workload.namespace,
  );
  const shown = await Promise.all(named.map((update) => posted.of(channel, update, signal)));
  return shown.filter((one) => one !== undefined).filter((one) => Number(one.ts) < Number(ts));
}

async function castFor(
  options: DecideOptions,
  { posted, vote, what }: { posted: Posted; vote: 'approve' | 'reject'; what: string | undefined },
  { click, self }: { click: Clicker; self: SlackIdentity },
  signal: AbortSignal,
): Promise<void> {
  const voter = await voterOf(options, self.teamId, click.userId, { posted, signal });
  const shown = what ?? posted.update;
  if (!voter) {
    refused(options, 'unknown-person');
    return answer(options, click, refusalText('unknown-person', shown), signal);
  }
  const result = await options.cast(posted.update, { voter, vote, hash: posted.hash });
  if (result.kind === 'refused') return answer(options, click, refusalText(result.reason, shown), signal);
  await answer(options, click, countedText(result, vote), signal);
}

function refused({ metrics, log }: DecideOptions, reason: NoVote): void {
  metrics.vote('slack', reason);
  log.warn({ via: 'slack', reason }, 'vote refused');
}

/** Seen by the clicker only. That he is told is less important than what became of his vote. */
async function answer(
  { client, log }: DecideOptions,
  { channel, userId: user }: Clicker,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.call('chat.postEphemeral', { channel, user, text: `<@${user}> ${text}` }, Done, signal);
  } catch (error) {
    log.warn({ error }, 'slack: a voter could not be answered');
  }
}
