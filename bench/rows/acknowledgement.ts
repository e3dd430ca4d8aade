import { quantile } from '../statistics.ts';
import { atLeast, atMost, type Row } from './row.ts';
import type { SteadyPushes } from './steady-pushes.ts';

/** Pushes per second at which answers must be quick. */
export const promisedRate = 200;
/** Pushes per second that one core must be able to record. */
export const sustainedRate = 500;

/** Pushes at the promised rate to a replica that records what another one acts on. */
export function acknowledgementRows(measured: SteadyPushes | undefined): readonly Row[] {
  const what = `push -> 202 at ${promisedRate}/s, kubernetes store`;
  return [
    { what: `${what}, median`, unit: 'ms', value: timeOf(measured, 0.5), target: atMost(5) },
    { what: `${what}, 99 of 100`, unit: 'ms', value: timeOf(measured, 0.99), target: atMost(25) },
    { ...failures(measured), target: atMost(0) },
    ...costs(measured),
  ];
}

/** More pushes to the same replica. */
export function sustainedRows(measured: SteadyPushes | undefined): readonly Row[] {
  const what = `pushes recorded, kubernetes store`;
  const rate: Row = {
    what,
    unit: '/s',
    value: measured && recordedRate(measured),
    target: atLeast(sustainedRate),
  };
  return [
    measured ? { ...rate, reference: { what: 'offered', value: measured.offered } } : rate,
    { ...failures(measured), target: atMost(0) },
    { what: '  push -> 202 at this rate, median', unit: 'ms', value: timeOf(measured, 0.5) },
    { what: '  push -> 202 at this rate, 99 of 100', unit: 'ms', value: timeOf(measured, 0.99) },
    ...costs(measured),
    {
      what: '  one core could take, by that time',
      unit: '/s',
      value: measured && couldTake(measured),
    },
  ];
}

/** Pushes at the promised rate to the one replica that also acts on them. */
export function leaderRows(measured: SteadyPushes | undefined): readonly Row[] {
  const what = `push -> 202 at ${promisedRate}/s, by the replica that patches too`;
  return [
    { what: `${what}, median`, unit: 'ms', value: timeOf(measured, 0.5) },
    { what: `${what}, 99 of 100`, unit: 'ms', value: timeOf(measured, 0.99) },
    failures(measured),
    ...costs(measured),
  ];
}

function timeOf(measured: SteadyPushes | undefined, q: number): number | undefined {
  return measured && quantile(measured.answerMs, q);
}

/** Of the answered ones, those that etcd has: the others wait on the service's disk. */
export function recordedRate({ perSecond, spooled, answerMs }: SteadyPushes): number {
  return (perSecond * (answerMs.length - spooled)) / answerMs.length;
}

/** What a spooled push costs is something else: with many of them there is no saying. */
function couldTake({ spooled, answerMs, load }: SteadyPushes): number | undefined {
  return spooled > answerMs.length / 100 ? undefined : 1e6 / load.serviceUs;
}

function failures(measured: SteadyPushes | undefined): Row {
  const value = measured && measured.refused + measured.spooled;
  return { what: '  of them refused, or spooled instead', unit: 'pushes', value };
}

/** What it cost, and who was busy with it. */
function costs(measured: SteadyPushes | undefined): readonly Row[] {
  const load = measured?.load;
  const plane = load && { reference: { what: 'etcd and kube-apiserver', value: load.planeUs } };
  return [
    { what: '  processor time each', unit: 'us', value: load?.serviceUs, ...plane },
    { what: '  part of its core the service used', unit: 'x', value: load?.service },
    { what: '  part of the other cores in use', unit: 'x', value: load?.rest },
  ];
}
