import { z } from 'zod';
import type { Notice, Severity } from '../core/notice.ts';
import { cardWebhook } from '../lib/card-webhook.ts';
import { webLink } from '../lib/web-link.ts';

/**
 * A flow cannot post more than about 28 KB, and says so only in its run history; some of it is for what the flow adds.
 * https://learn.microsoft.com/connectors/teams/#known-issues-and-limitations-with-actions
 */
const maxBytes = 26_000;

const colors: Readonly<Record<Severity, string>> = { info: 'Accent', warning: 'Warning', error: 'Attention' };

/**
 * Without `sig` nobody may start the flow; shells cut it off at the first "&". The connectors took cards too, until
 * they were retired: https://devblogs.microsoft.com/microsoft365dev/retirement-of-office-365-connectors-within-microsoft-teams/
 */
const WorkflowUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  return (
    url.searchParams.has('sig') && !/(^|\.)(webhook\.office|outlook\.office(365)?)\.com$/.test(url.hostname)
  );
});

/**
 * Microsoft Teams, by the webhook of a workflow. It answers 202 when the flow was started; what becomes of it is in the
 * flow's run history. https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook
 */
export const msteams = cardWebhook({
  kind: 'msteams',
  vendor: 'Microsoft Teams',
  url: WorkflowUrl,
  allowedUrl:
    'the URL of a Teams workflow (https://….api.powerplatform.com/… or https://….logic.azure.com/…, with sig= in it)',
  maxBytes,
  card,
});

function card(notice: Notice, text: string): unknown {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    // The first with rich text; flows refuse versions that are newer than they are.
    version: '1.2',
    msteams: { width: 'Full' },
    body: text.split('\n').map((line, index) => lineOf(line, index === 0 ? notice.severity : undefined)),
    ...actionsOf(notice.link),
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

/**
 * Rich text has no Markdown, of which the clients understand escapes differently, and no mentions. A block for each
 * line, because the clients differ in line breaks, too.
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
 */
function lineOf(line: string, headline: Severity | undefined): unknown {
  const look = headline ? { weight: 'Bolder', size: 'Medium', color: colors[headline] } : {};
  // A run must not be empty.
  const inlines = [{ type: 'TextRun', text: line === '' ? '\u00a0' : line, ...look }];
  return { type: 'RichTextBlock', ...(headline ? {} : { spacing: 'None' }), inlines };
}

/** A card with a link that is none would not be shown at all. */
function actionsOf(link: string | undefined): object {
  const url = webLink(link);
  return url === undefined ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open', url }] };
}
