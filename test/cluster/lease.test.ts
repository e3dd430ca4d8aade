import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import type { Clock } from '../../src/core/ports.ts';
import { createStage, electionContract, type LeaseApi } from '../contract/election.ts';
import { leaseName } from '../support/contender.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder } from '../support/running-service.ts';
import { grantOwnPermissions } from './own-permissions.ts';
import { onOwnCluster } from './own-cluster.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';

const namespace = `lease-${Date.now().toString(36)}`;
const lease = ['lease', leaseName, `--namespace=${namespace}`];
const folder = aFolder();
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await testCluster();
  await cluster.kubectl(['create', 'namespace', namespace]);
  // The contenders may do what k8s/ grants, and nothing else.
  process.env.KUBECONFIG = (await grantOwnPermissions(cluster, namespace, folder.path)).kubeconfigPath;
});
afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await cluster.stop();
  folder.remove();
});

async function open(clock: Clock): Promise<LeaseApi> {
  await cluster.kubectl(['delete', ...lease, '--ignore-not-found']);
  return {
    rest: createRest(connect({ kind: 'kubeconfig' }), clock, 10_000),
    namespace,
    byHand: (...call) =>
      kubernetesCall({ server: cluster.server, caPem: cluster.caPem, token: cluster.adminToken }, ...call),
    close: () => Promise.resolve(),
  };
}

electionContract('a real control plane, with the permissions of k8s/', open);

test('kubectl get lease shows who leads, and kubectl describe since when', async () => {
  const stage = await createStage(open);
  stage.stand('updatekate-7c9f_0b1e');
  await stage.pass(3000);

  const table = await cluster.kubectl(['get', ...lease]);
  const details = await cluster.kubectl(['describe', ...lease]);
  await stage.close();
  const after = await cluster.kubectl(['get', ...lease]);

  expect(table).toMatch(/^NAME +HOLDER +AGE\nupdatekate-leader +updatekate-7c9f_0b1e +\d+s\n$/);
  expect(details).toMatch(/Acquire Time: +2026-01-01T00:00:00.000000Z/);
  expect(details).toMatch(/Renew Time: +2026-01-01T00:00:02.000000Z/);
  expect(after).toMatch(/^NAME +HOLDER +AGE\nupdatekate-leader +\d+s\n$/);
});

const name = 'an API server that is killed ends the term after ten seconds; when it is back one leads again';
onOwnCluster(name, async () => {
  const stage = await createStage(open);
  const [a, b] = [stage.stand('a'), stage.stand('b')];
  await stage.pass(4300);
  const [leader, other] = a.holds() ? [a, b] : [b, a];

  await cluster.apiServer?.kill('SIGKILL');
  await stage.pass(9500);
  const last = leader.holds();
  await stage.pass(300);
  const over = leader.holds();
  await stage.pass(60_000);
  const meanwhile = other.holds();
  await cluster.apiServer?.start();
  await stage.pass(5000);

  expect([last, over, meanwhile]).toEqual([true, false, false]);
  expect([a, b].filter((one) => one.holds())).toHaveLength(1);
  expect(leader.terms[1]).toBe('lost 14');
  const lost = leader.log.lines.find(({ message }) => message === 'no longer leading');
  expect(lost?.fields.why).toMatch(/^not renewed: kubernetes: GET .*: no answer/);
  await stage.close();
});
