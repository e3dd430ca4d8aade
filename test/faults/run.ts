// npm run test:faults: breaks the service in every way that we know, and proves that nothing is lost or done twice.
import { openLab, type Lab } from './lab.ts';
import { readOptions, usage, type Options } from './options.ts';
import { runScenario, type Outcome } from './outcome.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { tableOf } from './table.ts';

function optionsOrExit(): Options {
  try {
    const options = readOptions(process.argv.slice(2));
    const known = scenarios.map(({ name }) => name);
    const unknown = options.only.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new Error(`--only ${unknown.join(', ')}: there are ${known.join(', ')}`);
    return options;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

/** So many are shown at once, all of them (nearly) at the end. */
const firstReasons = 5;

/** Those that can, share the time: most of it is waiting. The others run alone, after them. */
async function runAll(lab: Lab, chosen: readonly Scenario[]): Promise<readonly Outcome[]> {
  const outcomes = new Map<Scenario, Outcome>();
  const work = async (queue: Scenario[]): Promise<void> => {
    for (let scenario = queue.shift(); scenario; scenario = queue.shift()) {
      const outcome = await runScenario(lab, scenario);
      outcomes.set(scenario, outcome);
      console.error(`${scenario.name}: ${outcome.verdict} (${outcome.seconds.toFixed(0)} s)`);
      outcome.reasons.slice(0, firstReasons).forEach((line) => console.error(`  ${line}`));
    }
  };
  const together = chosen.filter(({ alone }) => !alone);
  await Promise.all(Array.from({ length: lab.options.lanes }, () => work(together)));
  await work(chosen.filter(({ alone }) => alone));
  return chosen.flatMap((scenario) => outcomes.get(scenario) ?? []);
}

const mostReasons = 20;

function report(outcomes: readonly Outcome[], { seed }: Options): void {
  console.log(tableOf(outcomes));
  for (const { name, verdict, reasons, logs } of outcomes) {
    if (verdict === 'passed') continue;
    console.log(`\n${name}: ${verdict.toUpperCase()}`);
    reasons.slice(0, mostReasons).forEach((reason) => console.log(`  ${reason}`));
    if (reasons.length > mostReasons) console.log(`  … and ${reasons.length - mostReasons} more`);
    logs.forEach((line) => console.log(`    ${line}`));
  }
  const count = (wanted: Outcome['verdict']): number =>
    outcomes.filter(({ verdict }) => verdict === wanted).length;
  const failed = outcomes.filter(({ verdict }) => verdict === 'failed').map(({ name }) => `--only ${name}`);
  if (failed.length > 0) console.log(`\nagain: npm run test:faults -- --seed ${seed} ${failed.join(' ')}`);
  console.log(`\nseed ${seed}; ${count('skipped')} skipped`);
  console.log(`${count('passed')} passed, ${count('failed')} failed`);
  // Everything skipped is nothing proven.
  process.exitCode = count('failed') > 0 || count('passed') === 0 ? 1 : 0;
}

const options = optionsOrExit();
console.error(`seed ${options.seed}, store ${options.store}, ${options.replicas} replicas`);
const lab = await openLab(options);
const interrupted = (): void => {
  void lab.close().finally(() => process.exit(130));
};
process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
try {
  const chosen = scenarios.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  report(await runAll(lab, chosen), options);
} finally {
  await lab.close();
}
