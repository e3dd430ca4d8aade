import { startChild } from '../child.ts';
import type { Lab } from '../lab.ts';
import { progress } from '../progress.ts';
import type { OpenLoopResult } from '../open-loop.ts';
import { isControlPlaneBuilt } from '../real-cluster/binaries.ts';
import { openRealCluster } from '../real-cluster/open.ts';
import { createFinishedRecords } from '../real-cluster/records.ts';
import { createTargets } from '../real-cluster/targets.ts';
import {
  acknowledgementRows,
  bareCreateRows,
  leaderRows,
  promisedRate,
  sustainedRows,
} from '../rows/acknowledgement.ts';
import { createBarely } from '../rows/bare-creates.ts';
import { fullStartRows, measureFullStarts, podLimitMiB, type FullStarts } from '../rows/full-start.ts';
import {
  measureRecording,
  memoryAtEnd,
  offeredRate,
  steadyMs,
  warmUpMs,
  type Recording,
} from '../rows/recording.ts';
import { limitsOf } from '../rows/limits.ts';
import type { Row } from '../rows/row.ts';
import { counted } from '../rows/scene.ts';
import { pushSteadily, type RealScene, type SteadyPushes } from '../rows/steady-pushes.ts';

const count = 5000;
/** What Node allows itself in a pod with the memory limit of k8s/deployment.yaml: half of it. */
const heapMiB = podLimitMiB / 2;

interface Results extends Recording {
  /** At the promised rate, and at the one that is offered. */
  readonly bare: readonly OpenLoopResult[];
  readonly starts: FullStarts;
  readonly leader: SteadyPushes;
}

/** The service with the store that its manifests name: ImageUpdates in a real API server and etcd. */
export async function measureOnRealCluster(lab: Lab): Promise<readonly Row[]> {
  const results = isControlPlaneBuilt() ? await measure(lab) : undefined;
  const notes = results
    ? limitsOf([results.acknowledged, results.sustained, results.leader])
    : ['NOT MEASURED: there is no control plane yet; `npm run test:cluster` builds it'];
  notes.forEach((note) => console.log(note));
  return [
    ...bareCreateRows(results?.bare),
    ...acknowledgementRows(results?.acknowledged),
    ...sustainedRows(results?.sustained),
    ...leaderRows(results?.leader),
    ...fullStartRows(results?.starts, `${counted(count)} targets and ${counted(count)} finished updates`),
    ...(results ? [memoryAtEnd(results.atEnd)] : []),
  ];
}

async function measure(lab: Lab): Promise<Results> {
  const cluster = await progress('control plane', () => openRealCluster(lab));
  const repositories = await progress(`${count} targets`, () => createTargets(cluster, count));
  await progress(`${count} finished updates`, () => createFinishedRecords(cluster, repositories));
  const bare = await progress('bare creates', () =>
    createBarely(lab, cluster, repositories, [
      { perSecond: promisedRate, ms: warmUpMs },
      { perSecond: promisedRate, ms: steadyMs },
      { perSecond: offeredRate, ms: steadyMs },
    ]),
  );
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

  const recording = await measureRecording(lab, { cluster, repositories, generator }, options);
  return { bare: bare.slice(1), starts, leader, ...recording };
}
