import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { AppError, messageOf } from '../core/errors.ts';

/** Where the cluster is: the pod's own, a kubeconfig's current context, or an address without credentials. */
export type ClusterSource =
  | { readonly kind: 'auto' | 'in-cluster' | 'kubeconfig' }
  /** A context of a kubeconfig file; undefined = its current one. */
  | { readonly kind: 'file'; readonly file: string; readonly context?: string | undefined }
  | { readonly kind: 'url'; readonly url: string };

/** Where Kubernetes puts a pod's credentials. */
const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * Loads credentials and address.
 *
 * @throws AppError `bad-config` when there are none to load.
 */
export function connect(source: ClusterSource): KubeConfig {
  const config = new KubeConfig();
  try {
    if (source.kind === 'url') loadUrl(config, source.url);
    else if (source.kind === 'file') loadFile(config, source.file, source.context);
    else if (isPod(source)) loadPod(config);
    else loadKubeconfig(config);
  } catch (cause) {
    // The first line only: after it the parser quotes the file, which may hold a token.
    const [why = ''] = messageOf(cause).split('\n');
    const what = source.kind === 'file' ? source.file : 'the configuration';
    throw new AppError('bad-config', `kubernetes: cannot load ${what}: ${why}`, { cause });
  }
  return withPlainHttp(config);
}

/** Whether this source is the cluster that we run in. */
export function isPod({ kind }: ClusterSource): boolean {
  return kind === 'in-cluster' || (kind === 'auto' && existsSync(tokenFile));
}

/** The namespace that calls are about when none is said: the pod's own, or the one of the kubeconfig's context. */
export function namespaceOf(config: KubeConfig): string | undefined {
  return config.getContextObject(config.getCurrentContext())?.namespace;
}

/** client-node would go on without the token, with an address made of undefined variables. */
function loadPod(config: KubeConfig): void {
  if (!existsSync(tokenFile)) throw new Error(`${tokenFile} is not there: is this a pod with a token?`);
  config.loadFromCluster();
}

/** Where there is no kubeconfig, client-node makes one up: a context of this name at localhost:8080. */
function loadKubeconfig(config: KubeConfig): void {
  config.loadFromDefault();
  if (config.getCurrentContext() === 'loaded-context') {
    throw new Error('there is neither KUBECONFIG nor a .kube/config in the home folder');
  }
  requireAddress(config);
}

function loadFile(config: KubeConfig, file: string, context: string | undefined): void {
  config.loadFromFile(file);
  const contexts = config.getContexts().map(({ name }) => name);
  if (context !== undefined && !contexts.includes(context))
    throw new Error(`it has no context ${context}; it has: ${contexts.join(', ')}`);
  if (context !== undefined) config.setCurrentContext(context);
  if (!config.getCurrentCluster()) throw new Error('its current context names no cluster');
  requireAddress(config);
}

/** It is not repeated: there may be a password in it. */
function requireAddress(config: KubeConfig): void {
  const cluster = config.getCurrentCluster();
  if (!cluster || /^https?:$/.test(URL.parse(cluster.server)?.protocol ?? '')) return;
  throw new Error(`the server of its cluster ${cluster.name} is not allowed; allowed: an http or https URL`);
}

/** client-node speaks plain HTTP only to a server that is marked as not to be verified. */
function withPlainHttp(config: KubeConfig): KubeConfig {
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

function loadUrl(config: KubeConfig, server: string): void {
  config.loadFromOptions({
    clusters: [{ name: 'url', server }],
    users: [{ name: 'nobody' }],
    contexts: [{ name: 'url', cluster: 'url', user: 'nobody' }],
    currentContext: 'url',
  });
}
