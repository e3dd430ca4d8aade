import type { Api } from '../api.ts';
import type { Lab } from '../lab.ts';
import { startService, type Service } from '../service.ts';
import { median } from '../statistics.ts';
import { rounds, type Row } from './row.ts';
import { counted } from './scene.ts';

/** Starts of the service at one size of the cluster. */
export interface StartUps {
  readonly workloads: number;
  readonly readyMs: readonly number[];
  /** Resident memory once ready. */
  readonly residentMiB: readonly number[];
  /** The one that was started last, and still runs. */
  readonly service: Service;
}

const startCount = 3;

/** Starts the service a few times, each with a new store; the last one stays. */
export async function measureStartUps(
  lab: Lab,
  api: Api,
  webhookUrl: string,
  workloads: number,
): Promise<StartUps> {
  const start = (n: number): Promise<Service> =>
    startService(lab, {
      ...{ kubeconfig: api.kubeconfig, data: `data-${workloads}-${n}` },
      environment: { UK_STORE: 'sqlite', UK_WEBHOOK: webhookUrl },
    });
  const readyMs: number[] = [];
  const residentMiB: number[] = [];
  for (let n = 1; ; n++) {
    const service = await start(n);
    readyMs.push(service.readyMs);
    residentMiB.push(service.residentMiB());
    if (n === startCount) return { workloads, readyMs, residentMiB, service };
    await service.stop();
  }
}

/** Time to readiness and memory, each over the smallest cluster's. */
export function startUpRows(measured: readonly StartUps[], residentAtEnd: readonly number[]): readonly Row[] {
  const [small] = measured;
  const name = `${counted(small?.workloads ?? 0)} workloads`;
  return measured.flatMap(({ workloads, readyMs, residentMiB }, n): Row[] => {
    const size = `${counted(workloads)} workloads`;
    return [
      {
        what: `start -> ready, ${size}`,
        ...{ unit: 'ms', ...rounds(readyMs, 'highest') },
        reference: { what: name, value: median(small?.readyMs ?? []) },
      },
      {
        what: `resident memory when ready, ${size}`,
        ...{ unit: 'MiB', ...rounds(residentMiB, 'highest') },
        reference: { what: name, value: median(small?.residentMiB ?? []) },
      },
      {
        what: `resident memory after all of this, ${size}`,
        ...{ unit: 'MiB', value: residentAtEnd[n] ?? NaN },
        reference: { what: name, value: residentAtEnd[0] ?? NaN },
      },
    ];
  });
}
