import { z } from 'zod';
import type { Approval } from '../core/approval.ts';
import type { EventType } from '../core/announcement.ts';
import { AppError, hasCode, messageOf } from '../core/errors.ts';
import { isEnd } from '../core/phases.ts';
import type { AnnouncementResult, Requester } from '../core/ports.ts';
import type { UpdateLink } from '../core/update-link.ts';
import type { Update } from '../core/update.ts';
import type { ChannelFinder } from '../lib/slack/channels.ts';
import type { SlackClient } from '../lib/slack/client.ts';
import { metadataOf, type Posted, type PostedRequests } from '../lib/slack/posted.ts';
import type { ApproverFinder, Resolved } from './slack/approvers.ts';
import { requestMessage, resultMessage, type SlackMessage } from './slack/message.ts';

export interface SlackRequesterOptions {
  readonly client: SlackClient;
  readonly channels: ChannelFinder;
  readonly approvers: ApproverFinder;
  readonly posted: PostedRequests;
  /** Where people are asked whose workload says nothing else: a name or an id. */
  readonly channel: string | undefined;
  /** Where more can be read of an update. */
  readonly link: UpdateLink;
}

const resultType = 'updatekate_result';
const Sent = z.object({ ts: z.string() });
const Replies = z
  .object({
    messages: z.array(z.object({ metadata: z.object({ event_type: z.string() }).optional() })),
  })
  .transform(({ messages }) => messages.map(({ metadata }) => metadata?.event_type));

/**
 * One message for each update that people are asked about. It is posted once: before that the channel is searched for
 * it, and from then on it is edited. The rollout's result goes into its thread.
 */
export function createSlackRequester(options: SlackRequesterOptions): Requester {
  const { posted } = options;
  return {
    name: 'slack',
    followsVotes: true,
    takes: (_event, { approval }) => approval !== undefined,
    async tell(update, event, signal): Promise<AnnouncementResult> {
      const { approval } = update;
      if (!approval) return { kind: 'sent' };
      try {
        const channel = await channelOf(options, approval, signal);
        const found = await posted.of(channel, update, signal);
        if (!found && isNoNews(update, event)) return { kind: 'sent' };
        const { shown, unknown } = found
          ? await edit(options, found, { update, approval }, signal)
          : await post(options, channel, { update, approval }, signal);
        await reply(options, shown, update, signal);
        return sent(unknown);
      } catch (error) {
        if (signal.aborted) throw error;
        if (hasCode(error, 'not-found') || hasCode(error, 'forbidden')) forgetChannel(options, approval);
        const retryAfterMs = error instanceof AppError ? error.retryAfterMs : undefined;
        return { kind: 'failed', message: messageOf(error), retryAfterMs };
      }
    },
  };
}

/** Whom nobody will hear of is written into the record with it. */
function sent(unknown: readonly string[]): AnnouncementResult {
  if (unknown.length === 0) return { kind: 'sent' };
  return { kind: 'sent', message: `slack: nobody who could vote is ${unknown.join(', ')}` };
}

/** Nobody has been asked, and nobody need be any more: a flood of pushes is one message, not one for each. */
function isNoNews({ phase }: Update, event: EventType): boolean {
  return event === 'update.superseded' || (event === 'update.awaiting-approval' && isEnd(phase));
}

function channelOf(
  { channels, channel }: SlackRequesterOptions,
  approval: Approval,
  signal: AbortSignal,
): Promise<string> {
  const name = approval.channel ?? channel;
  if (name !== undefined) return channels(name, signal);
  throw new AppError('bad-config', 'slack: no channel to ask in: set UK_SLACK_CHANNEL');
}

/** It may have been archived, and another one have its name. */
function forgetChannel({ channels, channel }: SlackRequesterOptions, approval: Approval): void {
  const name = approval.channel ?? channel;
  if (name !== undefined) channels.forget(name);
}

interface Shown {
  readonly shown: Posted;
  /** Approvers who stand for nobody. */
  readonly unknown: readonly string[];
}

interface Asked {
  readonly update: Update;
  readonly approval: Approval;
}

async function post(
  { client, approvers, posted, link }: SlackRequesterOptions,
  channel: string,
  { update, approval }: Asked,
  signal: AbortSignal,
): Promise<Shown> {
  const resolved = await approvers(approval.approvers, undefined, signal);
  const message = requestMessage({ update, approval, resolved, link: link(update) });
  const request = { channel, update: update.name, hash: approval.hash, people: resolved.people };
  const body = { ...written(message), channel, metadata: metadataOf(request) };
  const { ts } = await client.call('chat.postMessage', body, Sent, signal);
  const shown = { ...request, ts };
  posted.remember(shown);
  return { shown, unknown: resolved.unknown };
}

/** The people stay who they were when they were asked. */
async function edit(
  { client, approvers, posted, link }: SlackRequesterOptions,
  found: Posted,
  { update, approval }: Asked,
  signal: AbortSignal,
): Promise<Shown> {
  const open = !isEnd(update.phase);
  const resolved = open ? await approvers(approval.approvers, found.people, signal) : nobody;
  const message = requestMessage({ update, approval, resolved, link: link(update) });
  const body = { ...written(message), channel: found.channel, ts: found.ts, metadata: metadataOf(found) };
  try {
    await client.call('chat.update', body, Sent, signal);
  } catch (error) {
    // Somebody has deleted it: the next try looks for it, and posts anew.
    if (hasCode(error, 'not-found')) posted.forget(found);
    throw error;
  }
  return { shown: found, unknown: resolved.unknown };
}

const nobody: Resolved = { people: [], mentions: new Map(), unknown: [] };

/** One reply, whoever was cut short after writing it. */
async function reply(
  { client }: SlackRequesterOptions,
  { channel, ts, update: name }: Posted,
  update: Update,
  signal: AbortSignal,
): Promise<void> {
  const message = resultMessage(update);
  if (!message) return;
  const thread = { channel, ts, include_all_metadata: true, limit: 200 };
  const paging = { answer: Replies, isLast: (type: string | undefined) => type === resultType };
  const types = await client.pages('conversations.replies', thread, paging, signal);
  if (types.includes(resultType)) return;
  const metadata = { event_type: resultType, event_payload: { name } };
  const body = { ...written(message), channel, thread_ts: ts, metadata };
  await client.call('chat.postMessage', body, Sent, signal);
}

/** Nothing in it is looked up or unfolded by Slack. */
function written({ text, blocks }: SlackMessage): Readonly<Record<string, unknown>> {
  return { text, blocks, link_names: false, parse: 'none', unfurl_links: false, unfurl_media: false };
}
