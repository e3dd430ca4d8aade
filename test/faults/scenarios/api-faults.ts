import { waitFor } from '../../cluster/wait-for.ts';
import { isReconcilers, type ApiCall } from '../api-call.ts';
import type { Act, Rule } from '../rules.ts';
import type { Count, Scenario, Site } from '../scenario.ts';
import { calmMix } from '../traffic.ts';

const pushesPerSecond = 8;
/** How often each fault happens in a round. */
const times = 3;
const limitMs = 60_000;
/** Longer than a client waits after a break. */
const cutEveryMs = 4000;

/** A fault, and whether it needs records in the API server. */
interface Fault extends Omit<Rule, 'times'> {
  readonly what: string;
  readonly ofRecords?: true;
  readonly times?: number;
}

const patch = (call: ApiCall): boolean => call.resource === 'deployments' && call.verb === 'patch';
const create = (call: ApiCall): boolean => call.resource === 'imageupdates' && call.verb === 'create';
const status = (call: ApiCall): boolean => isReconcilers(call) && !patch(call);
const watch = (call: ApiCall): boolean => call.resource === 'deployments' && call.verb === 'watch';
const list = (call: ApiCall): boolean => call.resource === 'deployments' && call.verb === 'list';
const answer = (code: number, retryAfterSeconds?: number): Act => ({
  ...{ kind: 'answer', status: code },
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

/** Refused: nothing happened. Lost: it happened, and the replica does not know. */
const faults: readonly Fault[] = [
  // An API server that has just started refuses everyone until it has read its roles.
  ...[403, 409, 429, 500, 503].map((code): Fault => refused(`${code} to patch`, patch, code)),
  ...[403, 409, 429, 500].map((code): Fault => ofRecords(refused(`${code} to status`, status, code))),
  ...[403, 429, 500, 503].map((code): Fault => ofRecords(refused(`${code} to create`, create, code))),
  { what: 'lost patch', matches: patch, when: 'after', act: { kind: 'cut' } },
  { what: '500 to done patch', matches: patch, when: 'after', act: answer(500) },
  // Longer than the client waits: its patch works, and it has long begun again.
  { what: 'late patch', matches: patch, when: 'after', act: { kind: 'delay', ms: 12_000 }, times: 1 },
  ofRecords({ what: 'lost status', matches: status, when: 'after', act: { kind: 'cut' } }),
  ofRecords({ what: 'lost create', matches: create, when: 'after', act: { kind: 'cut' } }),
  ofRecords({ what: 'slow create', matches: create, when: 'before', act: { kind: 'delay', ms: 2000 } }),
];

/** What a watch and the list after it may be answered. Each is tried after the streams were broken. */
const watchFaults: readonly Fault[] = [
  refused('410 to watch', watch, 410),
  refused('500 to watch', watch, 500),
  { what: '410 in watch', matches: watch, when: 'before', act: { kind: 'in-stream', status: 410 } },
  refused('429 to list', list, 429),
];

function refused(what: string, matches: Fault['matches'], code: number): Fault {
  return { what, matches, when: 'before', act: answer(code, code === 429 ? 1 : undefined) };
}

function ofRecords(fault: Fault): Fault {
  return { ...fault, ofRecords: true };
}

/** An API server that refuses, forgets, is slow, or does what it is asked and does not say so. */
export const apiFaults: Scenario = {
  name: 'api-faults',
  installation: { deployments: 40 },
  async run(site) {
    const { lab, pusher } = site;
    pusher.start(pushesPerSecond, calmMix);
    const broken: Count[] = [];
    for (let n = 0; n < lab.options.rounds; n++) {
      for (const fault of faults) {
        if (!fault.ofRecords || lab.options.store === 'kubernetes') broken.push(await happen(site, fault));
      }
      for (const fault of watchFaults) broken.push(await happenToWatch(site, fault));
    }
    const missing = broken.filter(({ count, atLeast }) => count < atLeast);
    const count = broken.reduce((sum, one) => sum + one.count, 0);
    const total = { what: `faults of ${broken.length} kinds`, count, atLeast: broken.length };
    return { broken: [total, ...missing], violations: [] };
  },
};

/** Lets a fault happen as often as it is to; the calls come by themselves, under pushes. */
async function happen({ rules, say }: Site, fault: Fault): Promise<Count> {
  const wanted = fault.times ?? times;
  const armed = rules.arm({ ...fault, times: wanted });
  await waitFor(fault.what, limitMs, () => Promise.resolve(armed.fired() >= wanted ? true : undefined)).catch(
    () => undefined,
  );
  armed.disarm();
  say(`${fault.what} ${armed.fired()}`);
  return { what: fault.what, count: armed.fired(), atLeast: wanted };
}

/**
 * Breaks the streams, so that new ones are asked for; a 410 in the stream makes a client list again. Again and again
 * until it has happened: a replica that is between two watches has nothing to break.
 */
async function happenToWatch(site: Site, fault: Fault): Promise<Count> {
  const cut = (): void => {
    for (const { proxy } of site.stations) {
      if (fault.matches === list) proxy.failStreams(410);
      else proxy.cutStreams();
    }
  };
  const happening = happen(site, { ...fault, times: 2 });
  cut();
  const cutting = setInterval(cut, cutEveryMs);
  return happening.finally(() => clearInterval(cutting));
}
