import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { createLease } from '../../src/cluster/lease.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Lab } from '../lab.ts';
import type { Cluster } from './open.ts';

const Role = z.object({
  rules: z.array(
    z.object({ resources: z.array(z.string()), resourceNames: z.array(z.string()).default([]) }),
  ),
});
const roleFile = new URL('../../k8s/role.yaml', import.meta.url);
const silent = () => undefined;
const quiet = { debug: silent, info: silent, warn: console.error, error: console.error };

/**
 * Holds the Lease as another replica would, until the function returned is called: the service that is measured then
 * takes pushes and records them, as all replicas but one do.
 */
export async function holdLease(lab: Lab, cluster: Cluster): Promise<() => Promise<void>> {
  const { rest, namespace } = cluster;
  const lease = createLease({
    ...{ rest, clock: systemClock, log: quiet, random: Math.random },
    ...{ namespace, name: leaseName(), identity: 'bench' },
  });
  const held = Promise.withResolvers<undefined>();
  const over = new AbortController();
  let isLost = false;
  const lost = (): void => {
    isLost = !over.signal.aborted;
  };
  const holding = lease.run(over.signal, { acquired: () => held.resolve(undefined), lost });
  const release = async (): Promise<void> => {
    over.abort();
    await holding;
    if (isLost) throw new Error('the bench lost the Lease meanwhile: the service may have acted');
  };
  lab.defer(release);
  await held.promise;
  return release;
}

/** As the Role of `k8s/` has it: the one Lease that the service may write. */
function leaseName(): string {
  const role = Role.parse(parse(readFileSync(roleFile, 'utf8')));
  const [name] = role.rules
    .filter(({ resources }) => resources.includes('leases'))
    .flatMap(({ resourceNames }) => resourceNames);
  if (name === undefined) throw new Error('k8s/role.yaml names no Lease');
  return name;
}
