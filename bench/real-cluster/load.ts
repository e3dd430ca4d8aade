import { monotonicMs } from '../clock.ts';
import type { Cores } from '../cores.ts';
import { busyMs, childrenOf, processorMs } from '../proc.ts';
import type { Service } from '../service.ts';

/** Who used the processors meanwhile. Parts are of the time of one core, or of each of several. */
export interface Load {
  /** Processor time of the service, and of etcd and kube-apiserver, per push. */
  readonly serviceUs: number;
  readonly planeUs: number;
  /** Part of its core that the service used. */
  readonly service: number;
  /** Part of all other cores that was used, by whomever. */
  readonly rest: number | undefined;
  /** Part of all cores that processes used which are not the bench's. */
  readonly strangers: number | undefined;
}

const planeNames = ['etcd', 'kube-apiserver'];

/** Starts to look; the function returned says what was seen, for so many pushes. */
export function watchLoad(service: Service, cores: Cores | undefined): (pushes: number) => Load {
  const rest = cores?.rest ?? [];
  const all = cores ? [cores.service, ...rest] : [];
  const look = () => ({
    ...{
      at: monotonicMs(),
      service: service.processorMs(),
      plane: ourMs((name) => planeNames.includes(name)),
    },
    ...{ ours: ourMs(() => true) + processorMs(process.pid), rest: busyMs(rest), all: busyMs(all) },
  });
  const before = look();
  return (pushes) => {
    const after = look();
    const since = (of: keyof typeof after): number => after[of] - before[of];
    const ms = since('at');
    return {
      ...{ serviceUs: (1000 * since('service')) / pushes, planeUs: (1000 * since('plane')) / pushes },
      service: since('service') / ms,
      rest: cores && since('rest') / ms / rest.length,
      strangers: cores && Math.max(0, since('all') - since('ours')) / ms / all.length,
    };
  };
}

/** Processor time of the processes that this one has started. */
function ourMs(isCounted: (name: string) => boolean): number {
  const counted = childrenOf(process.pid).filter(({ name }) => isCounted(name));
  return counted.reduce((sum, { pid }) => sum + processorMs(pid), 0);
}
