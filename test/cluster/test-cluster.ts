import type { ApiServerControl } from './api-server.ts';
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from './control-plane.ts';
import { kubectlFor, type Kubectl } from './kubectl.ts';

/** A cluster to test against: one of our own, or the one in `UK_TEST_KUBECONFIG`. */
export interface TestCluster {
  readonly kubeconfigPath: string;
  /** URL of the API server. */
  readonly server: string;
  /** `undefined` when the given cluster is trusted by the system's authorities. */
  readonly caPem: string | undefined;
  /** `undefined` when the given cluster's user signs in by other means. */
  readonly adminToken: string | undefined;
  readonly kubectl: Kubectl;
  /** `undefined` when the cluster is not ours to break. */
  readonly apiServer: ApiServerControl | undefined;
  readonly logsDir: string | undefined;
  /** Ends our own control plane; leaves a given cluster alone. */
  stop(): Promise<void>;
}

/** The cluster in `UK_TEST_KUBECONFIG` when that is set, else a new control plane made with `options`. */
export async function testCluster(options: ControlPlaneOptions = {}): Promise<TestCluster | ControlPlane> {
  const kubeconfigPath = process.env.UK_TEST_KUBECONFIG ?? '';
  return kubeconfigPath === '' ? await startControlPlane(options) : await givenCluster(kubeconfigPath);
}

/** The part of `kubectl config view` that is used. */
interface ConfigView {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string } },
  ];
  readonly users?: readonly { readonly user: { readonly token?: string } }[] | null;
}

async function givenCluster(kubeconfigPath: string): Promise<TestCluster> {
  const kubectl = kubectlFor('kubectl', kubeconfigPath);
  const view = await kubectl(['config', 'view', '--raw', '--minify', '--flatten', '--output=json']);
  const { clusters, users } = JSON.parse(view) as ConfigView;
  const [{ cluster }] = clusters;
  const ca = cluster['certificate-authority-data'];
  return {
    kubeconfigPath,
    server: cluster.server,
    caPem: ca === undefined ? undefined : Buffer.from(ca, 'base64').toString('utf8'),
    adminToken: users?.[0]?.user.token,
    kubectl,
    apiServer: undefined,
    logsDir: undefined,
    stop: () => Promise.resolve(),
  };
}
