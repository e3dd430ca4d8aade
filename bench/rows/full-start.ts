import { pause } from '../clock.ts';
import type { Lab } from '../lab.ts';
import { startService, type Service, type ServiceOptions } from '../service.ts';
import { atMost, rounds, type Row } from './row.ts';

/** Starts of the service with many targets and many finished updates. */
export interface FullStarts {
  readonly readyMs: readonly number[];
  readonly readyMiB: readonly number[];
  readonly restedMiB: number;
  readonly peakMiB: number;
  /** The one that was started last, and still runs. */
  readonly service: Service;
}

const startCount = 3;
const restMs = 60_000;
/** The memory limit of k8s/deployment.yaml. */
export const podLimitMiB = 512;

/** Starts the service a few times; the last one rests for a minute, and stays. */
export async function measureFullStarts(
  lab: Lab,
  options: Omit<ServiceOptions, 'data'>,
): Promise<FullStarts> {
  const readyMs: number[] = [];
  const readyMiB: number[] = [];
  for (let n = 1; ; n++) {
    const service = await startService(lab, { ...options, data: `full-start-${n}` });
    readyMs.push(service.readyMs);
    readyMiB.push(service.residentMiB());
    if (n < startCount) {
      await service.stop();
      continue;
    }
    await pause(restMs);
    const [restedMiB, peakMiB] = [service.residentMiB(), service.peakMiB()];
    return { readyMs, readyMiB, restedMiB, peakMiB, service };
  }
}

/** Time and memory, against the limit that the pod has. `size` is words for how much there is. */
export function fullStartRows(measured: FullStarts | undefined, size: string): readonly Row[] {
  const unit = 'MiB';
  return [
    { what: `start -> ready, ${size}`, unit: 'ms', ...worstOf(measured?.readyMs) },
    { what: '  resident memory when ready', unit, ...worstOf(measured?.readyMiB) },
    { what: '  resident memory after a minute of rest', unit, value: measured?.restedMiB },
    { what: '  most memory until then', unit, value: measured?.peakMiB, target: atMost(podLimitMiB) },
  ];
}

function worstOf(sample: readonly number[] | undefined): Pick<Row, 'value' | 'worst'> {
  return sample ? rounds(sample, 'highest') : { value: undefined };
}
