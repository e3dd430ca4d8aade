/** Markup as Discord resolves it. */
export interface Resolved {
  readonly text: string;
  /** Mentions, links with another text, emojis: what is more than a way to show the text. */
  readonly setOff: readonly string[];
  readonly links: readonly string[];
}

type Rule = (source: string) => Hit | undefined;
interface Hit extends Resolved {
  readonly length: number;
}

const hit = (
  length: number,
  text: string,
  setOff: readonly string[] = [],
  links: readonly string[] = [],
) => ({
  ...{ length, text, setOff, links },
});

/** What is within is markup too. */
const span =
  (pattern: RegExp): Rule =>
  (source) => {
    const [whole, inner] = pattern.exec(source) ?? [];
    if (whole === undefined || inner === undefined) return undefined;
    return { ...resolvedInline(inner), length: whole.length };
  };

const setsOff =
  (pattern: RegExp): Rule =>
  (source) => {
    const [whole] = pattern.exec(source) ?? [];
    return whole === undefined ? undefined : hit(whole.length, '□', [whole]);
  };

/** In this order, as in Discord's client, which is made of simple-markdown and rules of its own. */
const rules: readonly Rule[] = [
  (source) => {
    const [whole, char = ''] = /^\\([^0-9A-Za-z\s])/.exec(source) ?? [];
    return whole === undefined ? undefined : hit(whole.length, char);
  },
  setsOff(/^<(?:@[!&]?|#)\d+>/),
  setsOff(/^@(?:everyone|here)/),
  setsOff(/^<a?:\w+:\d+>/),
  setsOff(/^<(?:t:-?\d+(?::\w)?|\/[^:>]+:\d+|id:\w+)>/),
  setsOff(/^<[^: >]+:\/[^ >]+>/),
  setsOff(/^:[^\s:]+:/),
  setsOff(/^\[[^\]]*\]\([^)]*\)/),
  (source) => {
    const [url] = /^(?:https?|steam):\/\/[^\s<]+[^<.,:;"'\]\s]/.exec(source) ?? [];
    return url === undefined ? undefined : hit(url.length, url, [], [url]);
  },
  span(/^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/),
  span(/^__((?:\\[\s\S]|[^\\])+?)__(?!_)/),
  span(/^~~([\s\S]+?)~~(?!_)/),
  span(/^\|\|([\s\S]+?)\|\|/),
  span(/^\*(?=\S)((?:\*\*|\\[\s\S]|[^*\\])+?)\*(?!\*)/),
  span(/^\b_((?:__|\\[\s\S]|[^\\_])+?)_\b/),
  (source) => {
    const [whole, , code = ''] = /^(`+)([\s\S]*?[^`])\1(?!`)/.exec(source) ?? [];
    return whole === undefined ? undefined : hit(whole.length, code);
  },
];

/** Headings, small print, lists, quotes: what is at the beginning of a line and shown otherwise. */
const lineStart = /^ *(?:#{1,3} |-# |[-*+] |\d+\. |>>> |> )/;

/** A text with markup as people see it, and what the markup does besides. */
export function resolved(source: string): Resolved {
  return resolvedInline(
    source
      .split('\n')
      .map((line) => line.replace(lineStart, ''))
      .join('\n'),
  );
}

function resolvedInline(source: string): Resolved {
  let rest = source;
  let text = '';
  const setOff: string[] = [];
  const links: string[] = [];
  while (rest !== '') {
    const found = firstHit(rest) ?? hit(1, rest.charAt(0));
    text += found.text;
    setOff.push(...found.setOff);
    links.push(...found.links);
    rest = rest.slice(found.length);
  }
  return { text, setOff, links };
}

function firstHit(source: string): Hit | undefined {
  for (const rule of rules) {
    const found = rule(source);
    if (found) return found;
  }
  return undefined;
}
