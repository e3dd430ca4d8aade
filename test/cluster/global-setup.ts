import { buildBinaries } from './binaries.ts';

/** Builds the control plane before the clock of the first test runs; a given cluster needs none. */
export default async function setup(): Promise<void> {
  if ((process.env.UK_TEST_KUBECONFIG ?? '') === '') await buildBinaries();
}
