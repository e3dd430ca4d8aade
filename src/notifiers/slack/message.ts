import type { Severity } from '../../core/notice.ts';
import type { Message } from '../../core/ports.ts';
import { webLink } from '../../lib/web-link.ts';
import { escapeText, sentLength } from '../../lib/slack/text.ts';

type Block = Readonly<Record<string, unknown>>;

/**
 * A header takes 150 characters and a section 3000; all blocks together take 13 kB as JSON, whatever the reference says.
 * https://docs.slack.dev/reference/block-kit/blocks
 * https://github.com/slackapi/bolt-js/issues/2509
 */
const [mostInHeader, mostInSection, mostSections, mostInLink] = [150, 2800, 4, 500];

const signs: Readonly<Record<Severity, string>> = { info: '🔵', warning: '🟡', error: '🔴' };

/**
 * A message as `chat.postMessage` takes it. Plain text in blocks has no markup, but for the signs that are escaped; `text`
 * is for notifications and for whoever does not see blocks. Pure.
 */
export function writtenMessage({ notice, text }: Message): Block {
  const lines = text.toWellFormed().split('\n');
  const [headline = '', ...rest] = lines;
  const title = `${signs[notice.severity]} ${headline}`;
  const header = escapeText(title, mostInHeader);
  const isWhole = header === escapeText(title, mostInSection);
  return {
    text: filled(lines, 1)[0] ?? header,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: header, emoji: false } },
      // What the header has no room for is below it, whole.
      ...filled(isWhole ? rest : lines, mostSections).map(sectionOf),
      ...linkTo(notice.link),
    ],
    ...{ mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false },
  };
}

/** The lines in texts that fit a section, at most `most` of them, with "…" where something is missing. */
function filled(lines: readonly string[], most: number): readonly string[] {
  const texts: string[] = [];
  let last = '';
  for (const line of lines.map((one) => escapeText(one, mostInSection - 3))) {
    const longer = last === '' ? line : `${last}\n${line}`;
    // Room is left for the "…" and its end of line.
    if (sentLength(longer) <= mostInSection - 3) {
      last = longer;
      continue;
    }
    if (texts.length + 1 === most) return [...texts, `${last}\n…`];
    texts.push(last);
    last = line;
  }
  // Slack refuses an empty text.
  return [...texts, last].filter((one) => one.trim() !== '');
}

function sectionOf(text: string): Block {
  return { type: 'section', text: { type: 'plain_text', text, emoji: false } };
}

/** Plain text has no links. No button: each click would come to the app, which has nothing to say to it. */
function linkTo(link: string | undefined): readonly Block[] {
  const url = webLink(link);
  if (url === undefined || /[|<>]/.test(url) || url.length > mostInLink) return [];
  const text = `<${url.replaceAll('&', '&amp;')}|Open>`;
  return [{ type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] }];
}
