import { z } from 'zod';

/** Whoever clicked or typed, and where, as Slack says it. */
export interface From {
  readonly teamId: string;
  /** His own workspace, where Slack says it. */
  readonly userTeamId?: string | undefined;
  readonly appId: string;
  readonly userId: string;
  readonly channel: string;
}

/** A click on a button in a message. */
export interface Click extends From {
  /** Where the message is, by itself. */
  readonly containerChannel: string;
  readonly ts: string;
  readonly actionId: string;
  readonly value: string;
}

/** A message that somebody typed. */
export interface Typed extends From {
  readonly ts: string;
  readonly text: string;
}

const id = z.string().min(1).max(64);
const ClickBody = z
  .object({
    type: z.literal('block_actions'),
    team: z.object({ id }),
    api_app_id: id,
    user: z.object({ id, team_id: id.optional() }),
    channel: z.object({ id }),
    container: z.object({ type: z.literal('message'), channel_id: id, message_ts: id }),
    actions: z
      .array(z.object({ type: z.literal('button'), action_id: z.string(), value: z.string().max(2000) }))
      .length(1),
  })
  .transform((body): Click | undefined => {
    const [action] = body.actions;
    return (
      action && {
        ...{ teamId: body.team.id, appId: body.api_app_id },
        ...{ userId: body.user.id, userTeamId: body.user.team_id },
        ...{ channel: body.channel.id, containerChannel: body.container.channel_id },
        ...{ ts: body.container.message_ts, actionId: action.action_id, value: action.value },
      }
    );
  });

const MessageBody = z
  .object({
    team_id: id,
    api_app_id: id,
    event: z.object({
      type: z.literal('message'),
      // Edits, joins, bots and files come as subtypes: only what a person has typed counts, as he typed it first.
      subtype: z.undefined().optional(),
      bot_id: z.undefined().optional(),
      user: id,
      text: z.string(),
      channel: id,
      ts: id,
    }),
  })
  .transform(({ team_id: teamId, api_app_id: appId, event }): Typed => ({
    ...{ teamId, appId, userId: event.user, channel: event.channel, ts: event.ts, text: event.text },
  }));

/** Reads `block_actions`; `undefined` when it is none, or not of one button in a message. Total. */
export function readClick(body: unknown): Click | undefined {
  return ClickBody.safeParse(body).data;
}

/** Reads a `message` event; `undefined` when no person typed it. Total. */
export function readTyped(body: unknown): Typed | undefined {
  return MessageBody.safeParse(body).data;
}
