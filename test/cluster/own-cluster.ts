import { test } from '@jest/globals';

/** Whether there is a control plane of our own: a cluster that was given to us is not ours to break. */
export const isOwnCluster = (process.env.UK_TEST_KUBECONFIG ?? '') === '';

/** A test of what a given cluster is not there for: there it is skipped, and that is said. */
export function onOwnCluster(name: string, body: () => void | Promise<void>, timeoutMs?: number): void {
  if (!isOwnCluster) console.warn(`NOT RUN on the given cluster: ${name}`);
  (isOwnCluster ? test : test.skip)(name, body, timeoutMs);
}
