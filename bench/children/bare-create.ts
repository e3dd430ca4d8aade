import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import { newUpdate, type Update } from '../../src/core/update.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createImageUpdateCalls } from '../../src/stores/image-update-calls.ts';
import { openLoop, type OpenLoopResult, type Rate } from '../open-loop.ts';

/** Asks for new ImageUpdates at a steady rate. */
export interface BareCreates extends Rate {
  readonly namespace: string;
  /** In turn, each with an ever newer tag. */
  readonly repositories: readonly string[];
}

/**
 * The service's own calls without the service: what an API server needs to record a push when nobody has received,
 * decided or watches it. KUBECONFIG says where.
 */
const rest = createRest(connect({ kind: 'kubeconfig' }), systemClock, 30_000);
let version = 0;

async function run({ namespace, repositories, ...rate }: BareCreates): Promise<OpenLoopResult> {
  const calls = createImageUpdateCalls(rest, namespace);
  return await openLoop(rate, async (n) => {
    const repository = repositories[n % repositories.length] ?? '';
    return (await calls.create(pushed(namespace, repository, `1.1.${++version}`))) !== undefined;
  });
}

function pushed(namespace: string, repository: string, tag: string): Update {
  const name = repository.split('/').at(-1) ?? '';
  const move = { container: 'app', init: false, from: `${repository}:1.0.0`, to: `${repository}:${tag}` };
  const workload = { cluster: 'default', namespace, kind: 'Deployment' as const, name };
  const identity = { workload, uid: crypto.randomUUID(), repository, tag, digest: undefined, moves: [move] };
  return newUpdate(identity, 'semver', new Date());
}

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: BareCreates) => {
  void run(asked).then((result) => process.send?.(result));
});
