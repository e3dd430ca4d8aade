import { cellsOf, countHeadings, countsOf, totalOf } from './counts.ts';
import type { Outcome } from './outcome.ts';

const head = ['scenario', 'verdict', 's', ...countHeadings, 'broken'];

/** The outcomes as a table for a terminal; it is valid Markdown too. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const lines = [head, ...outcomes.map(cells), total(outcomes)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const print = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [first = '', ...rest] = lines.map(print);
  return [first, rule, ...rest].join('\n');
}

function cells({ name, verdict, seconds, evidence, breakage, reasons }: Outcome): readonly string[] {
  const broken = breakage?.broken.map(({ what, count }) => `${what} ${count}`) ?? [];
  const what = verdict === 'skipped' ? reasons : [...broken, ...(breakage?.figures ?? [])];
  return [
    ...[name, verdict === 'passed' ? verdict : verdict.toUpperCase(), seconds.toFixed(0)],
    ...(evidence ? cellsOf(countsOf(evidence)) : countHeadings.map(() => '')),
    what.join(', '),
  ];
}

function total(outcomes: readonly Outcome[]): readonly string[] {
  const counted = outcomes.flatMap(({ evidence }) => (evidence ? [countsOf(evidence)] : []));
  return ['all', '', '', ...cellsOf(totalOf(counted)), ''];
}
