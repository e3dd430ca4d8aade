import { startChild } from '../child.ts';
import type { Lab } from '../lab.ts';
import { progress } from '../progress.ts';
import { isControlPlaneBuilt } from '../real-cluster/binaries.ts';
import { holdLease } from '../real-cluster/lease.ts';
import { openRealCluster } from '../real-cluster/open.ts';
import { countRecords, createFinishedRecords } from '../real-cluster/records.ts';
import { createTargets } from '../real-cluster/targets.ts';
import {
  acknowledgementRows,
  leaderRows,
  promisedRate,
  sustainedRate,
  sustainedRows,
} from '../rows/acknowledgement.ts';
import { fullStartRows, measureFullStarts, podLimitMiB, type FullStarts } from '../rows/full-start.ts';
import { limitsOf } from '../rows/limits.ts';
import type { Row } from '../rows/row.ts';
import { counted } from '../rows/scene.ts';
import { pushSteadily, type RealScene, type SteadyPushes } from '../rows/steady-pushes.ts';
import { startService } from '../service.ts';

const count = 5000;
/** What Node allows itself in a pod with the memory limit of k8s/deployment.yaml: half of it. */
const heapMiB = podLimitMiB / 2;
const [warmUpMs, steadyMs] = [5000, 20_000];
/** More than is promised: who is offered exactly that much answers a little less in the time until the last answer. */
const offeredRate = sustainedRate * 1.1;

interface Results {
  readonly starts: FullStarts;
  readonly leader: SteadyPushes;
  readonly acknowledged: SteadyPushes;
  readonly sustained: SteadyPushes;
  readonly atEnd: { readonly peakMiB: number; readonly records: number };
}

/** The service with the store that its manifests name: ImageUpdates in a real API server and etcd. */
export async function measureOnRealCluster(lab: Lab): Promise<readonly Row[]> {
  const results = isControlPlaneBuilt() ? await measure(lab) : undefined;
  const notes = results
    ? limitsOf(results.sustained, [results.acknowledged, results.leader])
    : ['NOT MEASURED: there is no control plane yet; `npm run test:cluster` builds it'];
  notes.forEach((note) => console.log(note));
  return [
    ...acknowledgementRows(results?.acknowledged),
    ...sustainedRows(results?.sustained),
    ...leaderRows(results?.leader),
    ...fullStartRows(results?.starts, `${counted(count)} targets and ${counted(count)} finished updates`),
    ...(results ? [memoryAtEnd(results.atEnd)] : []),
  ];
}

function memoryAtEnd({ peakMiB, records }: Results['atEnd']): Row {
  return { what: `most memory of who recorded, ${counted(records)} updates`, unit: 'MiB', value: peakMiB };
}

async function measure(lab: Lab): Promise<Results> {
  const cluster = await progress('control plane', () => openRealCluster(lab));
  const repositories = await progress(`${count} targets`, () => createTargets(cluster, count));
  await progress(`${count} finished updates`, () => createFinishedRecords(cluster, repositories));
  const { kubeconfig, namespace } = cluster;
  const options = { kubeconfig, heapMiB, environment: { UK_STORE: 'kubernetes', UK_NAMESPACE: namespace } };
  const starts = await progress('starts', () => measureFullStarts(lab, options));

  const generator = startChild('children/steady.ts', [], undefined);
  lab.defer(() => generator.stop());
  const scene: RealScene = { cluster, cores: lab.cores, repositories, generator };
  const leader = await progress('pushes to the leader', () =>
    pushSteadily(scene, starts.service, promisedRate, steadyMs),
  );
  await starts.service.stop();

  const release = await holdLease(lab, cluster);
  const service = await startService(lab, { ...options, data: 'recording' });
  await pushSteadily(scene, service, promisedRate, warmUpMs);
  const acknowledged = await progress('steady pushes', () =>
    pushSteadily(scene, service, promisedRate, steadyMs),
  );
  const sustained = await progress('many pushes', () => pushSteadily(scene, service, offeredRate, steadyMs));
  if (service.logged('leading') > 0) throw new Error('the replica that was to record only has led');
  const atEnd = { peakMiB: service.peakMiB(), records: await countRecords(cluster) };
  await service.stop();
  await release();
  return { starts, leader, acknowledged, sustained, atEnd };
}
