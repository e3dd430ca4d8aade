import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import { startEmbeddedCluster } from '../../src/embedded/index.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { electionContract } from '../contract/election.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';

electionContract('embedded cluster', async (clock) => {
  const cluster = await startEmbeddedCluster({ clock: systemClock, port: 0, podReadyMs: 20 });
  return {
    rest: createRest(connect({ kind: 'url', url: cluster.url }), clock, 10_000),
    namespace: 'default',
    byHand: (...call) => kubernetesCall({ server: cluster.url }, ...call),
    close: () => cluster.close(),
  };
});
