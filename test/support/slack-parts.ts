import { askedFor, type Approval, type Vote } from '../../src/core/approval.ts';
import { enter, type Update } from '../../src/core/update.ts';
import type { Log, Requester } from '../../src/core/ports.ts';
import { createSlackRequester } from '../../src/approvals/slack.ts';
import { createApproverFinder } from '../../src/approvals/slack/approvers.ts';
import { createChannelFinder } from '../../src/lib/slack/channels.ts';
import { createSlackClient, type SlackClient } from '../../src/lib/slack/client.ts';
import { createDirectory, type Directory } from '../../src/lib/slack/directory.ts';
import { createIdentity } from '../../src/lib/slack/identity.ts';
import { createPostedRequests, type PostedRequests } from '../../src/lib/slack/posted.ts';
import { anUpdate } from './builders.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';
import type { FakeSlack } from './fake-slack/index.ts';

/** When people were asked; Slack's clock in tests starts then too. */
export const askedAt = new Date('2026-01-01T00:00:00Z');

/** An update that people have been asked about. */
export function anAskedUpdate(changes: Partial<Approval> = {}, different: Partial<Update> = {}): Update {
  const update = anUpdate(different);
  const rules = {
    votes: 1,
    approvers: ['ada@acme.example'],
    deadlineMs: 3_600_000,
    requesterMayApprove: false,
  };
  const approval = { ...askedFor(update, rules, askedAt), ...changes };
  return { ...enter(update, 'AwaitingApproval', askedAt), approval };
}

/** A vote of Ada's. */
export function aVote(different: Partial<Vote> = {}): Vote {
  const by = { id: 'ada@acme.example', name: 'Ada', fullName: 'Ada Lovelace', email: 'ada@acme.example' };
  return { by, vote: 'approve', at: askedAt.toISOString(), via: 'slack', ...different };
}

/** The update after this vote. */
export function voted(update: Update, vote: Vote = aVote()): Update {
  if (!update.approval) throw new Error('nobody was asked');
  const counted = { ...update, approval: { ...update.approval, given: [...update.approval.given, vote] } };
  return vote.vote === 'reject'
    ? enter(counted, 'Rejected', askedAt, { reason: 'rejected', message: `rejected by ${vote.by.name}` })
    : counted;
}

/** What a process has of Slack, from its start on: it remembers nothing of an earlier one. */
export interface SlackParts {
  readonly client: SlackClient;
  readonly directory: Directory;
  readonly posted: PostedRequests;
  readonly requester: Requester;
  readonly identity: ReturnType<typeof createIdentity>;
  readonly log: ReturnType<typeof createFakeLog>;
  readonly clock: FakeClock;
}

/** The parts as the service puts them together, pointed at the local Slack. */
export function slackParts(
  slack: FakeSlack,
  options: { channel?: string | undefined } = { channel: '#deploys' },
): SlackParts {
  const log: Log & ReturnType<typeof createFakeLog> = createFakeLog();
  const client = createSlackClient({ token: slack.workspace.botToken, apiUrl: slack.apiUrl });
  const clock = createFakeClock(askedAt);
  const directory = createDirectory(client, { clock, log });
  const identity = createIdentity(client);
  const posted = createPostedRequests(client, identity);
  const requester = createSlackRequester({
    ...{ client, posted, channels: createChannelFinder(client), channel: options.channel },
    approvers: createApproverFinder(directory, clock),
    link: ({ name }) => `https://kate.acme.example/updates/${name}`,
  });
  return { client, directory, posted, requester, identity, log, clock };
}
