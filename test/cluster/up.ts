// Runs a control plane for humans until Ctrl-C: node test/cluster/up.ts
import { once } from 'node:events';
import { startControlPlane } from './control-plane.ts';

const started = performance.now();
const controlPlane = await startControlPlane();
// The control plane does not keep this process alive, so that a forgotten stop() cannot hang a test run.
const keepAlive = setInterval(() => undefined, 60_000);
console.error(
  `ready in ${((performance.now() - started) / 1000).toFixed(1)} s, logs in ${controlPlane.logsDir}, Ctrl-C ends it`,
);
console.log(`export KUBECONFIG=${controlPlane.kubeconfigPath}`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
clearInterval(keepAlive);
await controlPlane.stop();
