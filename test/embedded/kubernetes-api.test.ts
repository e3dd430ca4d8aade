import { startEmbeddedCluster } from '../../src/embedded/index.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { kubernetesApiContract } from '../contract/kubernetes-api.ts';

kubernetesApiContract('embedded cluster', async () => {
  const cluster = await startEmbeddedCluster({ clock: systemClock, port: 0, podReadyMs: 20 });
  return { baseUrl: cluster.url, fetch, close: () => cluster.close() };
});
