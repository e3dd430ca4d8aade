import { maxDigits } from './version-suffix.ts';

/** Where the dotted numbers at the beginning end; 0 when there are none, or one is too long to be exact. */
export function endOfNumbers(tag: string): number {
  let end = 0;
  for (let start = prefixLength(tag); start < tag.length; start = end + 1) {
    const next = endOfDigits(tag, start);
    if (next === start) return end;
    if (next - start > maxDigits) return 0;
    end = next;
    if (end === tag.length || tag.charCodeAt(end) !== dot) return end;
  }
  return end;
}

/** The dotted numbers between two places: digits and single dots, nothing else. */
export function numbersIn(tag: string, start: number, end: number): readonly number[] {
  const numbers: number[] = [];
  let number = 0;
  for (let at = start; at < end; at++) {
    const code = tag.charCodeAt(at);
    if (code === dot) {
      numbers.push(number);
      number = 0;
    } else {
      number = number * 10 + (code - zero);
    }
  }
  numbers.push(number);
  return numbers;
}

function endOfDigits(tag: string, start: number): number {
  let at = start;
  while (at < tag.length && isDigit(tag.charCodeAt(at))) at++;
  return at;
}

const [dot, zero] = [0x2e, 0x30];

/** `v` or `V` is a way of writing. */
export function prefixLength(tag: string): number {
  return (tag.charCodeAt(0) | 0x20) === 0x76 ? 1 : 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
