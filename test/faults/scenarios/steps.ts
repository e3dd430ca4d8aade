import { isReconcilers, isWrite, type ApiCall } from '../api-call.ts';
import type { Armed, Rule } from '../rules.ts';
import type { Site } from '../scenario.ts';

/** A place to kill a replica at. */
export interface Step {
  readonly name: string;
  /** Steps of a kind share a scenario. */
  readonly kind: 'records' | 'ends' | 'patch' | 'start' | 'spool';
  /** Whether it can be seen only with the store in Kubernetes. */
  readonly ofRecords: boolean;
  arm(site: Site): Armed;
  /** Makes the step come; answers the tags that were pushed, the highest last. */
  provoke(site: Site, deployment: string): Promise<readonly string[]>;
}

type Place = Pick<Step, 'name' | 'kind' | 'ofRecords'> & {
  readonly matches: Rule['matches'];
  readonly provoke?: Step['provoke'];
};

const whens = ['before', 'after'] as const;

/** Two steps: before the API server sees the call, and after it has answered and before the replica knows. */
function aroundCall({ name, provoke = pushOne, matches, ...rest }: Place): readonly Step[] {
  return whens.map((when) => ({
    ...{ ...rest, provoke, name: `${when} ${name}` },
    arm: ({ rules }) => rules.arm({ matches, when, act: { kind: 'kill' }, times: 1 }),
  }));
}

async function pushOne({ pusher, traffic }: Site, deployment: string): Promise<readonly string[]> {
  const tag = traffic.newTag(deployment);
  await pusher.push(deployment, tag);
  return [tag];
}

/** While the first rolls out, the second waits, and the third makes it superseded. */
async function pushThree(site: Site, deployment: string): Promise<readonly string[]> {
  const tags: string[] = [];
  for (let n = 0; n < 3; n++) tags.push(...(await pushOne(site, deployment)));
  return tags;
}

/** Every replica starts anew: the one that is killed again was there before. */
async function restart(site: Site, deployment: string): Promise<readonly string[]> {
  await Promise.all(site.stations.map(({ replica }) => replica.kill()));
  return pushOne(site, deployment);
}

/** No replica reaches the API server, so the push is spooled; when they do, it is moved. */
async function pushSpooled(site: Site, deployment: string): Promise<readonly string[]> {
  site.stations.forEach(({ proxy }) => proxy.partition(true));
  try {
    return await pushOne(site, deployment);
  } finally {
    site.stations.forEach(({ proxy }) => proxy.partition(false));
  }
}

function record(kind: Step['kind'], phase: string, provoke?: Step['provoke']): readonly Step[] {
  const matches = (call: ApiCall): boolean =>
    isRecord(call) && call.phase === phase && !call.told.includes('sent');
  return aroundCall({
    ...{ name: `record ${phase}`, kind, ofRecords: true, matches },
    ...(provoke ? { provoke } : {}),
  });
}

function isRecord(call: ApiCall): boolean {
  return call.resource.startsWith('imageupdates') && isReconcilers(call);
}

/** The receiver has the webhook; the sender is killed before it is answered, or before it can write that it was. */
function aroundWebhook(when: 'before' | 'after'): Step {
  return {
    ...{ name: `${when} the answer of the receiver`, kind: 'patch', ofRecords: false, provoke: pushOne },
    arm(site) {
      const next = site.receiver.onNext(when, (replica) => site.station(replica).replica.kill());
      return { ...next, disarm: () => undefined };
    },
  };
}

/** The registry has its answer, and nothing else has happened. */
const afterAcknowledgement: Step = {
  ...{ name: 'after the acknowledgement', kind: 'patch', ofRecords: false },
  arm: ({ stations }) => {
    const before = stations.flatMap(({ replica }) => replica.exits()).length;
    return {
      fired: () => stations.flatMap(({ replica }) => replica.exits()).length - before,
      disarm: () => undefined,
    };
  },
  async provoke(site, deployment) {
    const tags = await pushOne(site, deployment);
    const answered = site.front.samples().at(-1)?.replica ?? '';
    await site.station(answered).replica.kill();
    return tags;
  },
};

const is =
  (resource: string, verb: ApiCall['verb']) =>
  (call: ApiCall): boolean =>
    call.resource === resource && call.verb === verb;
const creation = is('imageupdates', 'create');

/** Every step at which a replica is killed. */
export const steps: readonly Step[] = [
  ...aroundCall({ name: 'record created', kind: 'records', ofRecords: true, matches: creation }),
  ...record('records', 'Delivering'),
  ...record('records', 'RollingOut'),
  ...record('ends', 'Succeeded'),
  ...aroundCall({
    ...{ name: 'record told', kind: 'ends', ofRecords: true },
    matches: (call) => isRecord(call) && call.told.includes('sent'),
  }),
  ...record('ends', 'Superseded', pushThree),
  ...aroundCall({ name: 'patch', kind: 'patch', ofRecords: false, matches: is('deployments', 'patch') }),
  ...whens.map(aroundWebhook),
  afterAcknowledgement,
  ...aroundCall({
    ...{ name: 'list', kind: 'start', ofRecords: false, provoke: restart },
    matches: is('deployments', 'list'),
  }),
  ...aroundCall({
    ...{ name: 'watch', kind: 'start', ofRecords: false, provoke: restart },
    matches: is('deployments', 'watch'),
  }),
  ...aroundCall({
    ...{ name: 'lease', kind: 'start', ofRecords: true, provoke: restart },
    matches: (call) => call.resource === 'leases' && isWrite(call),
  }),
  ...aroundCall({
    ...{ name: 'spooled record created', kind: 'spool', ofRecords: true, provoke: pushSpooled },
    matches: creation,
  }),
];
