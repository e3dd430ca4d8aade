/** What somebody typed to decide an update. */
export interface Phrase {
  readonly vote: 'approve' | 'reject';
  /** Absent in the first system's phrase, which knew no namespaces. */
  readonly namespace: string | undefined;
  readonly name: string;
}

const name = '[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?';
const own = new RegExp(`^(approve|reject) +(${name})/(${name})$`);
const legacy = new RegExp(`^oga approve +(${name})$`);

/**
 * Reads `approve NAMESPACE/NAME`, `reject NAMESPACE/NAME`, and `oga approve NAME` as the first system did; the whole
 * message is the phrase, but for a mention of the app in front. `undefined` for anything else. Total.
 */
export function readPhrase(text: string, botUserId: string): Phrase | undefined {
  if (text.length > 2000) return undefined;
  const words = unlinked(text).trim();
  const mention = `<@${botUserId}>`;
  const said = words.startsWith(mention) ? words.slice(mention.length).trim() : words;
  const [, vote, namespace, workload] = own.exec(said) ?? [];
  if (workload !== undefined)
    return { vote: vote === 'reject' ? 'reject' : 'approve', namespace, name: workload };
  const [, plain] = legacy.exec(said) ?? [];
  return plain === undefined ? undefined : { vote: 'approve', namespace: undefined, name: plain };
}

/** Slack takes `shop/my.app` for an address, and makes a link of what was typed: `<http://shop/my.app|shop/my.app>`. */
function unlinked(text: string): string {
  return text.replace(
    /<https?:\/\/([^|<>]{1,600})\|([^|<>]{1,600})>/g,
    (link: string, to: string, typed: string) => (to === typed ? typed : link),
  );
}
