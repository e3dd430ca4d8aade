import { startEmbeddedCluster } from '../../src/embedded/index.ts';
import { systemClock } from '../../src/lib/clock.ts';

/** The Kubernetes API of the embedded cluster in a process of its own: it answers quickly, and keeps all in memory. */
const cluster = await startEmbeddedCluster({ clock: systemClock, port: 0 });
process.send?.({ url: cluster.url });
process.on('disconnect', () => process.exit(0));
