/** Slack's own signs: https://docs.slack.dev/messaging/formatting-message-text#escaping */
const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Foreign text, for a text of ours: it calls up nobody, links nowhere, and stays on its line. Total.
 *
 * @param max characters of the result as it is sent, the signs spelled out.
 */
export function escapeText(text: string, max = 300): string {
  let escaped = '';
  let sent = 0;
  for (const character of text.replace(unseen, ' ')) {
    const next = signs[character] ?? character;
    sent += sentLength(next);
    if (sent > max - 1) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}

/** Characters that a text takes on its way: Slack counts the JSON. */
export function sentLength(text: string): number {
  return JSON.stringify(text).length - 2;
}

/** The same as code: no stars, underscores or tildes have a meaning in it. */
export function code(text: string, max = 300): string {
  const inside = escapeText(text.replaceAll('`', "'"), max);
  return inside.trim() === '' ? '` `' : `\`${inside}\``;
}

/** Controls, ends of lines, and what turns the direction of text around: what is read is what is there. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
