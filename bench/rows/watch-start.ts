import { pause, within } from '../clock.ts';
import type { Lab } from '../lab.ts';
import { startService, type Service, type ServiceOptions } from '../service.ts';
import { median } from '../statistics.ts';
import { podLimitMiB } from './full-start.ts';
import { atMost, rounds, type Row } from './row.ts';
import { counted } from './scene.ts';
import { together, type Together } from './together.ts';
import { atRest, watchedSize } from './watch-scene.ts';

interface Start {
  readonly readyMs: number;
  /** Processor time until everything has been looked at. */
  readonly processorMs: number;
  readonly residentMiB: number;
}

/** Starts of one sort. */
type Starts = Together<Start>;

/** Starts of `updatekate notify`. */
export interface WatchStarts {
  /** Nothing has ever been seen. */
  readonly first: Starts;
  /** All has been seen, and is as it was. */
  readonly again: Starts;
  /** The one that was started last, and still runs. */
  readonly service: Service;
}

const startCount = 3;
const seenFirst = 'workloads seen for the first time: nobody is told of them';
/** Of every namespace and each of the four kinds it is said once. */
const seenCount = watchedSize.namespaces.length * 4;
const seenLimitMs = 60_000;

/** Starts it a few times with nothing seen, and each time again with everything seen; the last one stays. */
export async function measureWatchStarts(
  lab: Lab,
  options: Omit<ServiceOptions, 'data' | 'again'>,
): Promise<WatchStarts> {
  const [first, again]: [Start[], Start[]] = [[], []];
  for (let n = 1; ; n++) {
    const data = `watch-${n}`;
    const service = await startService(lab, { ...options, data });
    await within(
      seenLimitMs,
      'all to be seen',
      until(() => service.logged(seenFirst) === seenCount),
    );
    first.push(await measured(service));
    await service.stop();
    const next = await startService(lab, { ...options, data, again: true });
    again.push(await measured(next));
    if (next.logged(seenFirst) > 0) throw new Error('what was seen is not known at the next start');
    if (n === startCount) return { first: together(first), again: together(again), service: next };
    await next.stop();
  }
}

async function measured(service: Service): Promise<Start> {
  const { readyMs } = service;
  const residentMiB = service.residentMiB();
  await atRest(service);
  return { readyMs, residentMiB, processorMs: service.processorMs() };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20);
}

/** Time and memory; `atEnd` is what it had resident, at the end and at most. */
export function watchStartRows(
  { first, again }: WatchStarts,
  atEnd: { readonly residentMiB: number; readonly peakMiB: number },
): readonly Row[] {
  const size = `${counted(watchedSize.workloads)} workloads`;
  const over = (of: keyof Starts): Pick<Row, 'reference'> => ({
    reference: { what: 'nothing seen yet', value: median(first[of]) },
  });
  const worst = (sample: readonly number[]): Pick<Row, 'value' | 'worst'> => rounds(sample, 'highest');
  return [
    { what: `notify: start -> ready, ${size}, nothing seen yet`, unit: 'ms', ...worst(first.readyMs) },
    { what: '  processor time until it rests', unit: 'ms', ...worst(first.processorMs) },
    { what: '  resident memory when ready', unit: 'MiB', ...worst(first.residentMiB) },
    {
      what: `notify: start -> ready, ${size}, all seen before`,
      ...{ unit: 'ms', ...worst(again.readyMs), ...over('readyMs') },
    },
    {
      what: '  processor time until it rests',
      ...{ unit: 'ms', ...worst(again.processorMs), ...over('processorMs') },
    },
    {
      what: '  resident memory when ready',
      ...{ unit: 'MiB', ...worst(again.residentMiB), ...over('residentMiB') },
    },
    { what: '  resident memory after all of this', unit: 'MiB', value: atEnd.residentMiB },
    { what: '  most memory until then', unit: 'MiB', value: atEnd.peakMiB, target: atMost(podLimitMiB) },
  ];
}
