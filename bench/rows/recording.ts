import type { Child } from '../child.ts';
import type { Lab } from '../lab.ts';
import { progress } from '../progress.ts';
import { holdLease } from '../real-cluster/lease.ts';
import type { Cluster } from '../real-cluster/open.ts';
import { countRecords } from '../real-cluster/records.ts';
import { startService, type ServiceOptions } from '../service.ts';
import { promisedRate, sustainedRate } from './acknowledgement.ts';
import type { Row } from './row.ts';
import { counted } from './scene.ts';
import { pushSteadily, type SteadyPushes } from './steady-pushes.ts';

/** How long the rates are kept up. */
export const [warmUpMs, steadyMs] = [5000, 20_000];
/** More than is promised: who is offered exactly that much answers a little less in the time until the last answer. */
export const offeredRate = sustainedRate * 1.1;

/** What came of a replica that records what another one acts on. */
export interface Recording {
  readonly acknowledged: SteadyPushes;
  readonly sustained: SteadyPushes;
  readonly atEnd: { readonly peakMiB: number; readonly records: number };
}

/** Starts one beside a Lease that is held, and pushes to it at the promised rate and at the highest. */
export async function measureRecording(
  lab: Lab,
  scene: { readonly cluster: Cluster; readonly repositories: readonly string[]; readonly generator: Child },
  options: Omit<ServiceOptions, 'data'>,
): Promise<Recording> {
  const pushes = { ...scene, cores: lab.cores };
  const release = await holdLease(lab, scene.cluster);
  const service = await startService(lab, { ...options, data: 'recording' });
  await pushSteadily(pushes, service, promisedRate, warmUpMs);
  const acknowledged = await progress('steady pushes', () =>
    pushSteadily(pushes, service, promisedRate, steadyMs),
  );
  const sustained = await progress('many pushes', () => pushSteadily(pushes, service, offeredRate, steadyMs));
  if (service.logged('leading') > 0) throw new Error('the replica that was to record only has led');
  const atEnd = { peakMiB: service.peakMiB(), records: await countRecords(scene.cluster) };
  await service.stop();
  await release();
  return { acknowledged, sustained, atEnd };
}

export function memoryAtEnd({ peakMiB, records }: Recording['atEnd']): Row {
  return { what: `most memory of who recorded, ${counted(records)} updates`, unit: 'MiB', value: peakMiB };
}
