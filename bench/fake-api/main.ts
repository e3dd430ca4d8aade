import type { AddressInfo } from 'node:net';
import { createCluster } from './cluster.ts';
import { createApi } from './server.ts';

/** `node main.ts <workloads> <shared> <namespace>…`: serves on a free port, whose number is the first message to the parent. */
const [workloads = '0', shared = '0', ...namespaces] = process.argv.slice(2);
const cluster = createCluster({ workloads: Number(workloads), shared: Number(shared), namespaces });
const server = createApi(cluster);
// A pause between two calls must not make the client open a new connection.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
