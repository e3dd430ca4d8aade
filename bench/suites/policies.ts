import { progress } from '../progress.ts';
import { policyRows } from '../rows/policy-decisions.ts';
import type { Row } from '../rows/row.ts';

/** The pure decision core, in this process: no service, no cluster, no disk. */
export async function measurePolicies(): Promise<readonly Row[]> {
  return progress('policies', () => Promise.resolve(policyRows()));
}
