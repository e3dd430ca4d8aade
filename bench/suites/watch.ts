import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startApi } from '../api.ts';
import { startChild } from '../child.ts';
import { imageSetter } from '../fake-api/managed-fields.ts';
import type { Lab } from '../lab.ts';
import { progress } from '../progress.ts';
import { startReceiver } from '../receiver.ts';
import { changeBurstRows, measureChangeBursts } from '../rows/change-burst.ts';
import { podLimitMiB } from '../rows/full-start.ts';
import { idleEventRows, measureIdleEvents } from '../rows/idle-events.ts';
import type { Row } from '../rows/row.ts';
import { counted } from '../rows/scene.ts';
import { measureSingleChanges, singleChangeRows } from '../rows/single-changes.ts';
import { watchedSize, type WatchScene } from '../rows/watch-scene.ts';
import { measureWatchStarts, watchStartRows } from '../rows/watch-start.ts';
import type { ServiceOptions } from '../service.ts';

/** Body of the webhook of an image that somebody has set, and nothing else. */
const Changed = z.object({
  ...{ type: z.literal('workload.image-changed'), workload: z.string() },
  by: z.tuple([z.literal(imageSetter)]),
});

/** `updatekate notify` alone: a fake API server that costs nothing, what was seen in SQLite, one notifier. */
export async function measureWatch(lab: Lab): Promise<readonly Row[]> {
  const receiver = await startReceiver((body) => Changed.parse(body).workload);
  lab.defer(() => receiver.close());
  const api = await startApi(lab, watchedSize);
  const bare = startChild('children/bare-post.ts', [], lab.cores?.service);
  lab.defer(() => bare.stop());
  const scene: WatchScene = { api, receiver, bare };
  const size = `${counted(watchedSize.workloads)} watched workloads`;

  const starts = await progress(`${size}: start`, () => measureWatchStarts(lab, options(lab, scene)));
  const { service } = starts;
  const singles = await progress('single rollouts', () => measureSingleChanges(scene));
  const bursts = await progress('many rollouts at once', () => measureChangeBursts(scene));
  const idle = await progress('events that change nothing', () =>
    measureIdleEvents(lab, { ...scene, service }),
  );
  const strangers = receiver.unexpected();
  if (strangers > 0) throw new Error(`${strangers} webhooks were about nothing that had happened`);
  const atEnd = { residentMiB: service.residentMiB(), peakMiB: service.peakMiB() };
  await service.stop();
  await bare.stop();
  await api.stop();
  return [
    ...singleChangeRows(singles),
    ...changeBurstRows(bursts),
    ...idleEventRows(idle),
    ...watchStartRows(starts, atEnd),
  ];
}

/** As `k8s/notify` runs it, but for where it keeps what it has seen. */
function options(lab: Lab, { api, receiver }: WatchScene): Omit<ServiceOptions, 'data' | 'again'> {
  const file = join(lab.folder, 'watch.yaml');
  writeFileSync(file, 'notifiers: { bench: { webhook: { url: { env: BENCH_WEBHOOK } } } }\n');
  return {
    ...{ duties: 'notify', kubeconfig: api.kubeconfig, heapMiB: podLimitMiB / 2 },
    environment: {
      ...{ UK_STORE: 'sqlite', UK_CONFIG: file, BENCH_WEBHOOK: receiver.url },
      UK_WATCH_NAMESPACES: watchedSize.namespaces.join(' '),
    },
  };
}
