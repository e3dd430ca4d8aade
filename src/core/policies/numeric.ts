import { extractedPolicy } from './shared/extracted.ts';
import { compareDigits } from './shared/text-order.ts';

/** `numeric[:regex]`: the highest whole number, exact at any length; with a regex, the number in its group `n`. */
export const numericPolicy = extractedPolicy({
  name: 'numeric',
  isValue: (text) => /^\d+$/.test(text),
  compare: compareDigits,
});
