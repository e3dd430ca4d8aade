import { z } from 'zod';

const Expression = z.object({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).optional(),
});

/** A label selector as objects have it. */
export const Selector = z
  .object({
    matchLabels: z.record(z.string(), z.string()).default({}),
    matchExpressions: z.array(Expression).default([]),
  })
  .prefault({});

/**
 * A selector as a query, `app=shop,tier in (web)`; empty for one of nothing.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
 */
export function selectorText({ matchLabels, matchExpressions }: z.infer<typeof Selector>): string {
  const words: Readonly<Record<string, string>> = { In: 'in', NotIn: 'notin' };
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${words[operator] ?? 'in'} (${values.join(',')})`;
    }),
  ].join(',');
}
