import { webhookKeys } from '../core/signature.ts';
import { linkParts, parseUpdateLink } from '../core/update-link.ts';
import { webhookFormats, type WebhookFormat } from '../core/webhook-formats.ts';
import { annotationKey, httpUrl, oneOf, optional, parsed, withDefault } from './variable.ts';

const formats = Object.keys(webhookFormats) as WebhookFormat[];
const signingKeys = parsed(webhookKeys);
const allowedKeys = 'whsec_ and the base64 of 24 to 64 bytes';

/** Who is told of updates, and asked. */
export const receiverVariables = {
  webhookUrl: optional({
    name: 'UK_WEBHOOK',
    doc: 'Gets a JSON POST when an update ends.',
    allowed: 'an http or https URL',
    schema: httpUrl,
    secret: true,
  }),
  webhookKeys: optional({
    name: 'UK_WEBHOOK_SECRET',
    doc: 'Signs that POST (Standard Webhooks). Several, separated by spaces, while keys are rotated.',
    allowed: allowedKeys,
    schema: signingKeys,
    secret: true,
  }),
  webhookFormat: withDefault('updatekate', {
    name: 'UK_WEBHOOK_FORMAT',
    doc: 'Its format: our own JSON, or a CDEvent of version 0.5.1 or 0.4.1.',
    allowed: formats.join(', '),
    schema: oneOf(formats),
  }),
  approvalWebhookUrl: optional({
    name: 'UK_APPROVAL_WEBHOOK',
    doc: 'Asks for approvals by a JSON POST, with the links of UK_VOTE_LINK_SECRET (docs/approvals/webhook.md): whoever gets it can vote.',
    allowed: 'an http or https URL',
    schema: httpUrl,
    secret: true,
  }),
  approvalWebhookKeys: optional({
    name: 'UK_APPROVAL_WEBHOOK_SECRET',
    doc: 'Signs that POST, as UK_WEBHOOK_SECRET does the other.',
    allowed: allowedKeys,
    schema: signingKeys,
    secret: true,
  }),
  teamLabel: withDefault('app.dbc.dk/team', {
    name: 'UK_TEAM_LABEL',
    doc: 'Label of pods or workloads that says whose they are, for messages and for whom they go to.',
    allowed: 'the key of a label',
    schema: annotationKey,
  }),
  updateLink: optional({
    name: 'UK_UPDATE_LINK',
    doc: "Where people read more of an update: in messages. Empty: the image's page, on Quay and Docker Hub.",
    allowed: `an http or https URL that may have ${linkParts} behind its host`,
    schema: parsed(parseUpdateLink),
  }),
} as const;
