import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Person } from './approval.ts';
import { oneLine } from './one-line.ts';

/** Where the first approval gate was told who approves: https://github.com/bjhaid/oga */
export const legacyApprovalKey = 'initializer.kubernetes.io/oga';

/** What the first system's annotation asks for. */
export interface LegacyApproval {
  /** The channel's name, without `#`. */
  readonly channel: string;
  /** As they are written: `@name`. */
  readonly approvers: readonly string[];
}

const longest = 8 * 1024;
/** What begins a list, a map or an entry. */
const [mark, mostMarks] = [/[[{]|[-?:](?=\s|$)/, 200];
/** Names go into the record, and no further than it takes them; what cannot be seen names nobody. */
const longestName = 250;
/** Of `approved_by`, for one person: three names of a record. */
const longestLine = 1600;
const Value = z.looseObject({
  slack: z.object({
    channel: z
      .string()
      .trim()
      .regex(/^#?[^\s#\p{C}]{1,80}$/u),
    approvers: z
      .array(
        z
          .string()
          .trim()
          .max(longestName)
          .regex(/^@?[^\s@,\p{C}]+(?: [^\s@,\p{C}]+)*$/u),
      )
      .min(1)
      .max(50),
  }),
});

/** Reads the annotation's YAML; a text is what is wrong with it. Total. */
export function readLegacyApproval(value: string): LegacyApproval | string {
  if (isTooMuch(value)) return `is too much: at most ${longest} characters and ${mostMarks} entries are read`;
  const given = parsed(value);
  if (given === undefined) return 'is no YAML';
  const read = Value.safeParse(given);
  if (!read.success) {
    const paths = read.error.issues.map(({ path }) => path.join('.'));
    const [path = 'the value'] = paths.filter((text) => text !== '');
    return `${path} is missing or wrong: slack.channel is a channel, slack.approvers a list of at least one person`;
  }
  const { channel, approvers } = read.data.slack;
  return {
    channel: channel.replace(/^#/, ''),
    approvers: approvers.map((name) => `@${name.replace(/^@/, '')}`),
  };
}

/**
 * The annotation's value with who approved it, as the first system wrote it: `approved_by` says username, full name
 * and address, a line each, and keys are in order. A value that cannot be read stays as it is.
 */
export function withApprovedBy(value: string, people: readonly Person[]): string {
  if (typeof readLegacyApproval(value) === 'string') return value;
  const lines = people.map(
    ({ name, fullName = '', email = '' }) =>
      `${oneLine(`Username: ${name}, Fullname: ${fullName}, Email: ${email}`, longestLine)}\n`,
  );
  const said = { ...(parsed(value) as object), approved_by: lines.join('') };
  return stringify(said, { sortMapEntries: true, lineWidth: 0, indentSeq: false, singleQuote: true });
}

/** Deep nesting takes the parser's stack, and with it the process. */
function isTooMuch(value: string): boolean {
  return value.length > longest || value.split(mark).length > mostMarks + 1;
}

function parsed(value: string): unknown {
  try {
    // Aliases can make megabytes out of a line. Warnings would go to the process, past the log.
    return parse(value, { maxAliasCount: 0, logLevel: 'error', prettyErrors: false }) as unknown;
  } catch {
    return undefined;
  }
}
