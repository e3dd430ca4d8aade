import { loadavg } from 'node:os';
import { openLab, type Lab } from './lab.ts';
import { verdictOf, type Row, type Verdict } from './rows/row.ts';
import { entryPoint } from './service.ts';
import { measureOnFakeCluster } from './suites/fake-cluster.ts';
import { measureOwnCost } from './suites/own-cost.ts';
import { measurePolicies } from './suites/policies.ts';
import { measureOnRealCluster } from './suites/real-cluster.ts';
import { measureWatch } from './suites/watch.ts';
import { tableOf } from './table.ts';

/** What can be measured alone: `npm run bench -- real`. */
const suites: Readonly<Record<string, (lab: Lab) => Promise<readonly Row[]>>> = {
  fake: measureOnFakeCluster,
  own: measureOwnCost,
  watch: measureWatch,
  real: measureOnRealCluster,
  policies: measurePolicies,
};

async function measure(lab: Lab, names: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const name of names) rows.push(...((await suites[name]?.(lab)) ?? []));
  return rows;
}

function surroundings({ cores, filesystem }: Lab): string {
  const pinned = cores
    ? `service on core ${cores.service}, everything else on core ${cores.others} (real: ${cores.rest.join(', ')})`
    : 'NOT pinned to cores: the rates are not those of one core';
  const load = loadavg().map((value) => value.toFixed(1));
  return [
    `node ${process.versions.node}, node ${entryPoint()}; ${pinned}`,
    `files on ${filesystem}; load average ${load.join(' ')}`,
  ].join('\n');
}

function summary(rows: readonly Row[]): string {
  const count = (verdict: Verdict): number => rows.filter((row) => verdictOf(row) === verdict).length;
  const [missed, unmeasured] = [count('missed'), count('not measured')];
  if (missed + unmeasured === 0) return 'every target met';
  return `targets missed: ${missed}; rows not measured: ${unmeasured}`;
}

const asked = process.argv.slice(2);
const stranger = asked.find((name) => !(name in suites));
if (stranger !== undefined) {
  console.error(`${stranger} cannot be measured; there are: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
const lab = openLab();
const stopping = new AbortController();
const interrupted = (): void => {
  stopping.abort();
  void lab.close().finally(() => process.exit(130));
};
process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
try {
  const rows = await measure(lab, asked.length > 0 ? asked : Object.keys(suites));
  console.log(surroundings(lab));
  console.log(tableOf(rows));
  console.log(summary(rows));
} catch (error) {
  if (!stopping.signal.aborted) console.error('the bench could not measure:', error);
  process.exitCode = 1;
} finally {
  await lab.close();
}
