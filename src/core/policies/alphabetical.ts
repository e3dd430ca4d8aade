import { extractedPolicy } from './shared/extracted.ts';
import { compareText } from './shared/text-order.ts';

/** `alphabetical[:regex]`: the last in byte order; with a regex, by what its group `n` caught. */
export const alphabeticalPolicy = extractedPolicy({
  name: 'alphabetical',
  isValue: (text) => text !== '',
  compare: compareText,
});
