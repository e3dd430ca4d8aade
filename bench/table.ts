import { markdownTable } from '../test/support/markdown-table.ts';
import { verdictOf, type Row, type Verdict } from './rows/row.ts';

const verdicts: Readonly<Record<Verdict, string>> = {
  met: 'met',
  missed: 'TARGET MISSED',
  'not measured': 'NOT MEASURED',
  information: 'information',
};
const head = ['row', 'median', 'p95/worst', 'compared with', 'ratio', 'target', 'verdict'];

/** The rows as a table for a terminal. */
export function tableOf(rows: readonly Row[]): string {
  return markdownTable(head, rows.map(cells));
}

function cells(row: Row): readonly string[] {
  const { what, unit, value, worst, reference, target } = row;
  return [
    what,
    value === undefined ? '' : amount(value, unit),
    worst === undefined ? '' : amount(worst, unit),
    reference ? `${reference.what}: ${amount(reference.value, unit)}` : '',
    reference && value !== undefined ? `${significant(value / reference.value)}x` : '',
    target ? `${target.kind === 'at most' ? '<=' : '>='} ${amount(target.value, unit)}` : '',
    verdicts[verdictOf(row)],
  ];
}

function amount(value: number, unit: Row['unit']): string {
  return unit === '/s' || unit === 'x' ? `${significant(value)}${unit}` : `${significant(value)} ${unit}`;
}

/** Three digits that count, none after the point from a hundred on. */
function significant(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
