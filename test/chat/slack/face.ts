import { count, type Ballot } from '../../../src/core/ballot.ts';
import { stateOf } from '../../../src/core/approval.ts';
import type { Update } from '../../../src/core/update.ts';
import type { VoteResult } from '../../../src/flows/vote.ts';
import {
  createVoteTaker,
  type VoteTaker,
  type VoteTakerOptions,
} from '../../../src/chat/slack/take-votes.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createFakeMetrics } from '../../support/fake-metrics.ts';
import type { FakeSlack } from '../../support/fake-slack/index.ts';
import type { FakeMessage } from '../../support/fake-slack/workspace.ts';
import { askedAt, slackParts, type SlackParts } from '../../support/slack-parts.ts';

/** A face over the local Slack, with the real counting of votes over records in memory. */
export interface Face {
  readonly parts: SlackParts;
  /** For what decides; and for what brings clicks, over a clock that runs. */
  readonly options: VoteTakerOptions & { readonly apiUrl: string; readonly votes: VoteTaker };
  /** The service ends. */
  readonly ending: AbortController;
  readonly metrics: ReturnType<typeof createFakeMetrics>;
  /** What was handed on to be counted. */
  readonly ballots: readonly Ballot[];
  readonly updates: Map<string, Update>;
  /** Puts an update to the vote; the message in the channel. */
  ask(update: Update): Promise<FakeMessage>;
}

export function aFace(slack: FakeSlack): Face {
  const parts = slackParts(slack);
  const { client, identity, posted, directory, requester, log } = parts;
  const metrics = createFakeMetrics();
  const ballots: Ballot[] = [];
  const updates = new Map<string, Update>();
  const cast = (name: string, ballot: Ballot): Promise<VoteResult> => {
    ballots.push(ballot);
    const update = updates.get(name);
    if (!update) return Promise.resolve({ kind: 'refused', reason: 'not-found', message: name });
    const result = count(update, ballot, askedAt);
    if (result.kind === 'refused') return Promise.resolve(result);
    updates.set(name, result.update);
    const { approval } = result.update;
    return Promise.resolve({ ...result, state: approval ? stateOf(approval, askedAt) : 'pending' });
  };
  const waiting = () =>
    Promise.resolve([...updates.values()].filter(({ phase }) => phase === 'AwaitingApproval'));
  const ending = new AbortController();
  const deciding = {
    ...{ client, identity, posted, directory, log, metrics, cast, waiting },
    clock: systemClock,
  };
  const votes = createVoteTaker(deciding, ending.signal);
  return {
    ...{ parts, metrics, ballots, updates, ending },
    options: { ...deciding, votes, apiUrl: slack.apiUrl },
    async ask(update) {
      updates.set(update.name, update);
      const result = await requester.tell(update, 'update.awaiting-approval', new AbortController().signal);
      const message = slack.messages().at(-1);
      if (result.kind !== 'sent' || !message) throw new Error(JSON.stringify(result));
      return message;
    },
  };
}
