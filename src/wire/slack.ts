import type { Config } from '../config/load.ts';
import type { SlackSettings } from '../config/slack-variables.ts';
import type { Ballot } from '../core/ballot.ts';
import type { ElectionListener } from '../core/leadership.ts';
import type { Clock, Log, Metrics, Receiver } from '../core/ports.ts';
import type { UpdateLink } from '../core/update-link.ts';
import { awaitingApproval } from '../flows/show-approvals.ts';
import { castVote, type VoteContext } from '../flows/vote.ts';
import type { Endpoint } from '../http/server.ts';
import type { Proxies } from '../lib/proxy.ts';
import type { SlackClient } from '../lib/slack/client.ts';

/** Slack, where people are asked. Part of the composition root. */
export interface Slack {
  /** Asks, and tells what became of it. */
  readonly receiver: Receiver;
  /** For whoever else writes there. */
  readonly client: SlackClient;
  /** Takes clicks; what has not been counted when `ending` fires is not any more. */
  attach(context: VoteContext, ending: AbortSignal): SlackFace;
}

/** How clicks come. */
export interface SlackFace {
  /** Where Slack posts them; absent with Socket Mode. */
  readonly endpoint?: Endpoint;
  /** Told who leads: only the leader holds a Socket Mode connection. */
  readonly listener: ElectionListener;
  /** Resolves when no connection is held any more, and what came by it has been dealt with. */
  settled(): Promise<void>;
}

/** What Slack's part works with. */
export interface SlackAround {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Where more can be read of an update. */
  readonly link: UpdateLink;
  /** What goes through a proxy; undefined = nothing. */
  readonly proxies: Proxies | undefined;
}

/** Makes what asks in Slack. Its libraries take a while to load, and are loaded only where Slack is used. */
export async function openSlack(settings: SlackSettings, around: SlackAround): Promise<Slack> {
  const { createSlackClient } = await import('../lib/slack/client.ts');
  const { createIdentity } = await import('../lib/slack/identity.ts');
  const { createDirectory } = await import('../lib/slack/directory.ts');
  const { createPostedRequests } = await import('../lib/slack/posted.ts');
  const { createChannelFinder } = await import('../lib/slack/channels.ts');
  const { createSlackRequester } = await import('../approvals/slack.ts');
  const { createApproverFinder } = await import('../approvals/slack/approvers.ts');
  const { createVoteTaker } = await import('../chat/slack/take-votes.ts');
  const { createSlackHttp, slackEventsPath } = await import('../chat/slack/http.ts');
  const { runSlackSocket, whileLeading } = await import('../chat/slack/socket.ts');
  const { botToken: token, apiUrl, channel, clicks } = settings;
  const { link, proxies } = around;
  const client = createSlackClient({ token, apiUrl, proxies });
  const [identity, directory] = [createIdentity(client), createDirectory(client, around)];
  const posted = createPostedRequests(client, identity);
  const channels = createChannelFinder(client);
  const approvers = createApproverFinder(directory, around.clock);
  return {
    client,
    receiver: createSlackRequester({ client, approvers, posted, channels, channel, link }),
    attach(context, ending) {
      const cast = (name: string, ballot: Ballot) => castVote(context, name, ballot);
      const waiting = () => awaitingApproval(context);
      const votes = createVoteTaker(
        { ...around, client, identity, directory, posted, cast, waiting },
        ending,
      );
      const face = { ...around, apiUrl, votes };
      if (clicks.kind === 'http') {
        const handle = createSlackHttp({ ...face, signingSecret: clicks.signingSecret });
        return { endpoint: { path: slackEventsPath, handle }, listener: idle, settled: votes.settled };
      }
      const { appToken } = clicks;
      const held = whileLeading((signal) => runSlackSocket({ ...face, appToken }, signal));
      return { listener: held, settled: () => held.settled().then(votes.settled) };
    },
  };
}

/** For notifiers without a token of their own, where nobody is asked in Slack. */
export async function slackClient({
  slackBotToken: token,
  slackApiUrl: apiUrl,
  proxies,
}: Config): Promise<SlackClient | undefined> {
  if (token === undefined) return undefined;
  const { createSlackClient } = await import('../lib/slack/client.ts');
  return createSlackClient({ token, apiUrl, proxies });
}

const idle: ElectionListener = { acquired: () => undefined, lost: () => undefined };
