import { startChild } from '../child.ts';
import type { Lab } from '../lab.ts';
import { progress } from '../progress.ts';
import { openEmbedded } from '../real-cluster/open-embedded.ts';
import { createTargets } from '../real-cluster/targets.ts';
import { acknowledgementRows, sustainedRows } from '../rows/acknowledgement.ts';
import { measureRecording, memoryAtEnd } from '../rows/recording.ts';
import type { Row } from '../rows/row.ts';

/** Each has pods here, and the API server's core is for its answers. */
const count = 500;

/** The Kubernetes store over an API server that costs next to nothing: what is left is the service's own. */
export async function measureOwnCost(lab: Lab): Promise<readonly Row[]> {
  const cluster = await progress('embedded cluster', () => openEmbedded(lab));
  const repositories = await progress(`${count} targets`, () => createTargets(cluster, count));
  const generator = startChild('children/steady.ts', [], lab.cores?.others);
  lab.defer(() => generator.stop());
  const { kubeconfig, namespace } = cluster;
  const environment = { UK_STORE: 'kubernetes', UK_NAMESPACE: namespace };
  const { acknowledged, sustained, atEnd } = await measureRecording(
    lab,
    { cluster, repositories, generator },
    { kubeconfig, environment },
  );
  return [...acknowledgementRows(acknowledged), ...sustainedRows(sustained), memoryAtEnd(atEnd)].map(
    (row) => ({ ...row, what: `own: ${row.what.trim()}` }),
  );
}
