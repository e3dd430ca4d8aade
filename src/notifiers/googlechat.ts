import { z } from 'zod';
import type { Notice, Severity } from '../core/notice.ts';
import { oneLine } from '../core/one-line.ts';
import { cardWebhook } from '../lib/card-webhook.ts';
import { webLink } from '../lib/web-link.ts';

/**
 * Google Chat takes messages of 32,000 bytes, of which it keeps some for itself.
 * https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create
 */
const maxBytes = 30_000;

const colors: Readonly<Record<Severity, string>> = { info: '#1967d2', warning: '#b06000', error: '#c5221f' };

const SpaceUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  const { pathname, searchParams } = url;
  return pathname.endsWith('/messages') && Boolean(searchParams.get('key') && searchParams.get('token'));
});

/**
 * A Google Chat space, by its incoming webhook.
 * https://developers.google.com/workspace/chat/quickstart/webhooks
 */
export const googlechat = cardWebhook({
  kind: 'googlechat',
  vendor: 'Google Chat',
  url: SpaceUrl,
  allowedUrl: "the URL of a space's webhook (https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…)",
  maxBytes,
  contentType: 'application/json; charset=UTF-8',
  address,
  card,
});

/** A request with an id that is known gives the message that is there, and makes no other. */
function address(webhook: string, { id }: Notice): string {
  const url = new URL(webhook);
  url.searchParams.set('requestId', id);
  // Without it the thread in the body is ignored.
  url.searchParams.set('messageReplyOption', 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD');
  return url.href;
}

/** A card, since the markup of a message's `text` has no escape: not for mentions and not for bold. */
function card({ id, thread, severity, link }: Notice, text: string): unknown {
  const [headline = '', ...rest] = text.split('\n');
  const emphasised = `<b><font color="${colors[severity]}">${escaped(headline)}</font></b>`;
  const shown = [emphasised, ...rest.map(escaped)].join('<br>');
  const widgets = [{ textParagraph: { text: shown } }, ...buttonsOf(link)];
  return {
    fallbackText: fallbackOf(headline),
    thread: { threadKey: thread },
    cardsV2: [{ cardId: id, card: { sections: [{ widgets }] } }],
  };
}

/** Text in cards is HTML. https://developers.google.com/workspace/chat/format-messages#card-formatting */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What a phone's notification shows; there is no escape in it, so nothing may look like a mention. */
function fallbackOf(headline: string): string {
  return oneLine(headline, 200).replaceAll('<', '‹').replaceAll('>', '›');
}

/** A card with a link that is none would be refused. */
function buttonsOf(link: string | undefined): readonly unknown[] {
  const url = webLink(link);
  return url === undefined
    ? []
    : [{ buttonList: { buttons: [{ text: 'Open', onClick: { openLink: { url } } }] } }];
}
