import type { OpenLoopResult } from '../open-loop.ts';
import { quantile } from '../statistics.ts';
import { atLeast, atMost, type Row } from './row.ts';
import type { SteadyPushes } from './steady-pushes.ts';

/** Pushes per second at which answers must be quick. */
export const promisedRate = 200;
/** Pushes per second that one core must be able to acknowledge. */
export const sustainedRate = 500;

/** The records alone, without the service: at the promised rate, and at the higher one. */
export function bareCreateRows(measured: readonly OpenLoopResult[] | undefined): readonly Row[] {
  const [promised, offered] = measured ?? [];
  const what = `bare ImageUpdate created, at ${promisedRate}/s`;
  return [
    { what: `${what}, median`, unit: 'ms', value: timeOf(promised, 0.5) },
    { what: `${what}, 99 of 100`, unit: 'ms', value: timeOf(promised, 0.99) },
    { what: 'bare ImageUpdates created, at a higher rate', unit: '/s', value: offered?.perSecond },
  ];
}

/** Pushes at the promised rate to a replica that records what another one acts on. */
export function acknowledgementRows(measured: SteadyPushes | undefined): readonly Row[] {
  const what = `push -> 202 at ${promisedRate}/s, kubernetes store`;
  return [
    { what: `${what}, median`, unit: 'ms', value: timeOf(measured, 0.5), target: atMost(5) },
    { what: `${what}, 99 of 100`, unit: 'ms', value: timeOf(measured, 0.99), target: atMost(25) },
    { ...refusals(measured), target: atMost(0) },
    ...costs(measured),
  ];
}

/** More pushes to the same replica. */
export function sustainedRows(measured: SteadyPushes | undefined): readonly Row[] {
  const rate: Row = {
    ...{ what: `pushes acknowledged, kubernetes store`, unit: '/s', value: measured?.perSecond },
    target: atLeast(sustainedRate),
  };
  return [
    measured ? { ...rate, reference: { what: 'offered', value: measured.offered } } : rate,
    { ...refusals(measured), target: atMost(0) },
    { what: '  push -> 202 at this rate, median', unit: 'ms', value: timeOf(measured, 0.5) },
    { what: '  push -> 202 at this rate, 99 of 100', unit: 'ms', value: timeOf(measured, 0.99) },
    ...costs(measured),
  ];
}

/** Pushes at the promised rate to the one replica that also acts on them. */
export function leaderRows(measured: SteadyPushes | undefined): readonly Row[] {
  const what = `push -> 202 at ${promisedRate}/s, by the replica that patches too`;
  return [
    { what: `${what}, median`, unit: 'ms', value: timeOf(measured, 0.5) },
    { what: `${what}, 99 of 100`, unit: 'ms', value: timeOf(measured, 0.99) },
    refusals(measured),
    ...costs(measured),
  ];
}

function timeOf(measured: OpenLoopResult | undefined, q: number): number | undefined {
  return measured && quantile(measured.answerMs, q);
}

function refusals(measured: SteadyPushes | undefined): Row {
  return { what: '  of them refused', unit: 'pushes', value: measured?.refused };
}

/** What it cost, and who was busy with it. */
function costs(measured: SteadyPushes | undefined): readonly Row[] {
  const load = measured?.load;
  const plane = load?.planeUs ? { reference: { what: 'etcd and kube-apiserver', value: load.planeUs } } : {};
  return [
    { what: "  of them only on the service's disk after 300 ms", unit: 'pushes', value: measured?.spooled },
    { what: '  processor time each', unit: 'us', value: load?.serviceUs, ...plane },
    { what: '  part of its core the service used', unit: 'x', value: load?.service },
    { what: '  part of the other cores in use', unit: 'x', value: load?.rest },
  ];
}
