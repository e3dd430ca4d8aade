import type { Credentials } from './credentials.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';

/** Arguments of etcd: one member, whose data need not survive a power cut unless it is `durable`. */
export function etcdArgs(dataDir: string, port: number, durable: boolean): string[] {
  const url = `http://127.0.0.1:${port}`;
  return [
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    // Nobody is told of the peer address, so any port will do.
    '--listen-peer-urls=http://127.0.0.1:0',
    ...(durable ? [] : ['--unsafe-no-fsync']),
    '--log-level=warn',
  ];
}

/** What the API server's arguments depend on. */
export interface ApiServerSettings {
  readonly port: number;
  readonly etcdPort: number;
  /** The server makes its own certificate here, and finds it again after a restart. */
  readonly certDir: string;
  readonly credentials: Credentials;
}

/** Arguments of kube-apiserver: RBAC, static tokens, service account tokens. */
export function apiServerArgs({ port, etcdPort, certDir, credentials }: ApiServerSettings): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--advertise-address=127.0.0.1',
    // A loopback address is no valid endpoint of the service `kubernetes`.
    '--endpoint-reconciler-type=none',
    `--cert-dir=${certDir}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${credentials.tokenFile}`,
    `--service-account-issuer=${issuer}`,
    `--service-account-signing-key-file=${credentials.signingKeyFile}`,
    `--service-account-key-file=${credentials.verifyingKeyFile}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged=true',
  ];
}

/** Arguments that kube-controller-manager and kube-scheduler share: alone, not serving, not throttled. */
export function clientArgs(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ];
}

/** Arguments of kube-controller-manager: the default set of controllers. */
export function controllerManagerArgs(
  kubeconfig: string,
  caFile: string,
  credentials: Credentials,
): string[] {
  return [
    ...clientArgs(kubeconfig),
    `--service-account-private-key-file=${credentials.signingKeyFile}`,
    `--root-ca-file=${caFile}`,
  ];
}

/** Arguments of kwok: it plays the kubelet of every node, and serves nothing. */
export function kwokArgs(kubeconfig: string, stageFiles: readonly string[]): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    ...stageFiles.map((file) => `--config=${file}`),
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=40',
    '--node-port=0',
    '--server-address=',
  ];
}
