import type { PolicyModule, Ranking, SkipReason } from '../../policy.ts';
import { readExtract, type Extract } from './pattern.ts';
import { remembered } from './remembered.ts';
import { compareSpelling } from './text-order.ts';

/** How the extracted texts are ordered. */
export interface ExtractedOrder {
  readonly name: string;
  /** Whether the text has a place in the order. */
  readonly isValue: (text: string) => boolean;
  readonly compare: (a: string, b: string) => number;
}

/** A policy that orders tags by a text in them: `<name>[:regex]`. */
export function extractedPolicy(order: ExtractedOrder): PolicyModule {
  const { name } = order;
  return {
    names: [name],
    usage: `${name}, ${name}:<regex>`,
    read(_name, argument) {
      const extract = readExtract(argument);
      if (typeof extract === 'string') return extract;
      return {
        text: argument === undefined ? name : `${name}:${argument}`,
        rank: (current) => ranking(order, extract, current) ?? 'current-not-comparable',
      };
    },
  };
}

function ranking(order: ExtractedOrder, extract: Extract, current: string): Ranking | undefined {
  const valueOf = remembered((tag): Value => {
    const text = extract(tag);
    if (text === undefined) return { problem: 'filtered' };
    return order.isValue(text) ? { text } : { problem: 'not-a-version' };
  });
  const { text: running } = valueOf(current);
  if (running === undefined) return undefined;
  return {
    refuse(tag) {
      const { text, problem } = valueOf(tag);
      if (text === undefined) return problem;
      return order.compare(text, running) > 0 ? undefined : 'not-newer';
    },
    compare(a, b) {
      const [{ text: left }, { text: right }] = [valueOf(a), valueOf(b)];
      const values =
        left !== undefined && right !== undefined
          ? order.compare(left, right)
          : Number(left !== undefined) - Number(right !== undefined);
      return values || compareSpelling(a, b, current);
    },
  };
}

/** What a tag is ordered by, or why it has no place in the order. */
type Value =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: SkipReason };
