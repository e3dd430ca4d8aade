/**
 * What begins markup in Discord; lists and small print only where lines begin, colons where they would make an emoji or
 * a link, "@" where it would make a mention. So images and addresses of people stay readable where the source is shown.
 * https://support.discord.com/hc/en-us/articles/210298617
 */
const special = /[\\*_~|`[\]<>#]|:(?=\/\/|[^\s:]*:)|@(?=everyone|here)|(?<=^ *)[-+]|(?<=^ *\d+)\./gm;

/**
 * An address in which nothing could be taken for markup, whoever finds another end of it. No backslash means anything
 * within an address, so it can only be left as it is, or be made no link at all.
 */
const link = /(?<!\w)https?:\/\/[A-Za-z0-9][\w.:/?#@!$&'+,;=%-]*[A-Za-z0-9/][.,:;!?"')\]]*(?=\s|$)/gm;
const specialOrLink = new RegExp(`${link.source}|${special.source}`, 'gm');

/** Text that Discord shows as it is; addresses of the web are links. */
export function escaped(text: string): string {
  return text.replace(specialOrLink, (found) => (found.startsWith('http') ? found : `\\${found}`));
}

/** The same without links. */
export function unlinked(text: string): string {
  return text.replace(special, '\\$&');
}
