import { buttonValue } from '../../../src/lib/slack/button.ts';
import type { FakeSlack } from '../../support/fake-slack/index.ts';
import type { FakeMessage } from '../../support/fake-slack/workspace.ts';

/** What a click looks like on its way to us. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export function clickBody(
  { workspace }: FakeSlack,
  message: FakeMessage,
  { user = 'U0ADA0001', actionId = 'updatekate_approve', value = valueOf(message) } = {},
): Record<string, unknown> {
  const { teamId, appId } = workspace;
  return {
    type: 'block_actions',
    user: { id: user, username: 'ada', name: 'ada', team_id: teamId },
    api_app_id: appId,
    token: 'verification-token-of-old',
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
    trigger_id: '12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3',
    team: { id: teamId, domain: 'acme' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: message.channel, name: 'deploys' },
    message: { type: 'message', ts: message.ts, text: message.text, bot_id: message.botId },
    state: { values: {} },
    response_url: 'https://hooks.slack.com/actions/T0ACME001/1/x',
    actions: [
      {
        ...{ type: 'button', action_id: actionId, block_id: 'b1', value, action_ts: '1767225700.000000' },
        text: { type: 'plain_text', text: 'Approve' },
      },
    ],
  };
}

/** The value of the buttons of a request. */
export function valueOf({ metadata }: FakeMessage): string {
  const { name, hash } = metadata?.event_payload ?? {};
  return buttonValue({ update: String(name), hash: String(hash) });
}

/** Somebody types. https://docs.slack.dev/reference/events/message.channels */
export function typedBody(
  { workspace }: FakeSlack,
  text: string,
  { user = 'U0ADA0001', channel = 'C0DEPLOY1', ...event }: Record<string, unknown> = {},
): Record<string, unknown> {
  const { teamId, appId } = workspace;
  const ts = workspace.nextTs();
  return {
    ...{ token: 'verification-token-of-old', team_id: teamId, api_app_id: appId, type: 'event_callback' },
    event: {
      type: 'message',
      user,
      text,
      ts,
      team: teamId,
      channel,
      event_ts: ts,
      channel_type: 'channel',
      ...event,
    },
    ...{ event_id: 'Ev0000001', event_time: Math.floor(Number(ts)) },
    authorizations: [
      { team_id: teamId, user_id: workspace.botUserId, is_bot: true, is_enterprise_install: false },
    ],
  };
}
