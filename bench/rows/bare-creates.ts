import { startChild } from '../child.ts';
import type { BareCreates } from '../children/bare-create.ts';
import type { Lab } from '../lab.ts';
import type { OpenLoopResult, Rate } from '../open-loop.ts';
import type { RealCluster } from '../real-cluster/open.ts';

/** Where they go: out of the sight of the service, whose memory they are not to fill. */
const namespace = 'bare';

/**
 * Creates ImageUpdates at each rate in turn, from the service's core, in an API server that has nothing else to do:
 * the least that a push can take which is recorded there.
 */
export async function createBarely(
  { cores }: Lab,
  { administrator, createNamespace }: RealCluster,
  repositories: readonly string[],
  rates: readonly Rate[],
): Promise<readonly OpenLoopResult[]> {
  await createNamespace(namespace);
  const child = startChild('children/bare-create.ts', [], cores?.service, { KUBECONFIG: administrator });
  const results: OpenLoopResult[] = [];
  for (const rate of rates) {
    const asked: BareCreates = { ...rate, namespace, repositories };
    results.push((await child.ask(asked)) as OpenLoopResult);
  }
  await child.stop();
  return results;
}
