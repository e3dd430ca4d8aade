import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { kubeconfigFor } from '../../test/support/embedded-access.ts';
import { startChild } from '../child.ts';
import type { Lab } from '../lab.ts';
import type { Cluster } from './open.ts';

const timeoutMs = 30_000;

/** The embedded cluster on the core that is not the service's: an API server that costs next to nothing. */
export async function openEmbedded(lab: Lab): Promise<Cluster> {
  const child = startChild('children/embedded-api.ts', [], lab.cores?.others);
  lab.defer(() => child.stop());
  const { url } = (await child.message()) as { readonly url: string };
  const kubeconfig = join(lab.folder, 'embedded.kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor(url));
  const rest = createRest(connect({ kind: 'url', url }), systemClock, timeoutMs);
  return { kubeconfig, namespace: 'default', rest };
}
