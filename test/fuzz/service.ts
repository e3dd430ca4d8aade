import { policyModules } from '../../src/core/policies/index.ts';
import { receivePush } from '../../src/flows/receive-push.ts';
import { createMemoryParkedPushes } from '../../src/stores/memory-parked-pushes.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { createFakeMetrics } from '../support/fake-metrics.ts';
import { startApp, type StartedApp } from '../support/http-app.ts';

/** The real HTTP server over the real decisions: a target of every policy for each repository. */
export function startTargets(repositories: readonly string[]): Promise<StartedApp> {
  const policies = policyModules.flatMap(({ names }) => names).filter((name) => name !== 'none');
  const workloads = repositories.flatMap((repository, n) =>
    policies.map((policy) => {
      const pattern =
        policy === 'glob' || policy === 'regex' ? `${policy}:*`.replace('regex:*', 'regex:.*') : policy;
      const containers = [{ name: 'app', image: `${repository}:1.0.0`, init: false }];
      const annotations = { 'updatekate.dev/policy': pattern };
      return aWorkload({ key: keyOf(`app-${n}-${policy}`), uid: `${n}-${policy}`, containers, annotations });
    }),
  );
  const context = {
    store: createMemoryStore(),
    view: createFakeCluster(workloads).view,
    ...{ clock: createFakeClock(), log: createFakeLog(), metrics: createFakeMetrics() },
    ...{ parked: createMemoryParkedPushes(), unpark: () => undefined, wake: () => undefined },
    missing: () => undefined,
  };
  return startApp({ webhook: { receive: (pushes, dryRun) => receivePush(context, pushes, dryRun) } });
}
