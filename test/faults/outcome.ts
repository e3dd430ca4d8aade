import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Evidence } from './evidence.ts';
import { openInstallation, type Installation } from './installation.ts';
import { unfinished, violations } from './invariants/index.ts';
import type { Lab } from './lab.ts';
import type { Breakage, Scenario } from './scenario.ts';
import { settle } from './settle.ts';

/** How a scenario went. */
export interface Outcome {
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  readonly evidence?: Evidence;
  readonly breakage?: Breakage;
  /** Why it failed, or why it was skipped. */
  readonly reasons: readonly string[];
  /** Last lines of the replicas' logs, when it failed. */
  readonly logs: readonly string[];
}

/** Runs one scenario in an installation of its own. Never rejects: what cannot be measured has failed. */
export async function runScenario(lab: Lab, scenario: Scenario): Promise<Outcome> {
  const { name } = scenario;
  const reason = scenario.skip?.(lab);
  const startedAtMs = performance.now();
  const seconds = (): number => (performance.now() - startedAtMs) / 1000;
  if (reason !== undefined) return { name, verdict: 'skipped', seconds: 0, reasons: [reason], logs: [] };
  let installation: Installation | undefined;
  try {
    installation = await openInstallation(lab, { name, ...scenario.installation });
    const say = (what: string): void => console.error(`${name}: ${what} (${seconds().toFixed(0)} s)`);
    const breakage = await scenario.run({ ...installation, lab, say });
    await installation.pusher.stop();
    const evidence = await settle(installation);
    const reasons = reasonsOf(lab, scenario, evidence, breakage);
    const verdict = reasons.length === 0 ? 'passed' : 'failed';
    const logs = verdict === 'failed' ? tails(installation) : [];
    return { name, verdict, seconds: seconds(), evidence, breakage, reasons, logs };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const logs = installation ? tails(installation) : [];
    return { name, verdict: 'failed', seconds: seconds(), reasons: [`not measured: ${text}`], logs };
  } finally {
    await installation?.close().catch((error: unknown) => console.error(`${name}: not closed:`, error));
  }
}

function reasonsOf(
  { options: { judgeTimes } }: Lab,
  { allowance = {} }: Scenario,
  evidence: Evidence,
  { broken, violations: own }: Breakage,
): readonly string[] {
  const notBroken = broken
    .filter(({ count, atLeast }) => count < atLeast)
    .map(({ what, count, atLeast }) => `not broken as meant: ${what} ${count} times, not ${atLeast}`);
  return [
    ...notBroken,
    ...own,
    ...unfinished(evidence),
    ...violations(evidence, { ...allowance, judgeTimes }),
  ];
}

const tailLines = 25;
const longestLine = 400;

function tails({ stations }: Installation): readonly string[] {
  return stations.flatMap(({ replica: { name, logFile } }) => [
    `--- ${name}`,
    ...readFileSync(logFile, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-tailLines)
      .map((line) => line.slice(0, longestLine)),
  ]);
}
