import { markdownTable } from '../support/markdown-table.ts';
import { cellsOf, countHeadings, countsOf, totalOf } from './counts.ts';
import type { Outcome } from './outcome.ts';

const head = ['scenario', 'verdict', 's', ...countHeadings, 'broken'];

/** The outcomes as a table for a terminal. */
export function tableOf(outcomes: readonly Outcome[]): string {
  return markdownTable(head, [...outcomes.map(cells), total(outcomes)]);
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
