import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge, judgeGone, type Change, type Judgement } from '../../src/core/change.ts';
import type { RolloutState } from '../../src/core/rollout.ts';
import { readSeenFile, seenFile } from '../../src/core/seen-file.ts';
import { fingerprint, firstSeen, type Seen } from '../../src/core/seen.ts';
import type { Container, Workload } from '../../src/core/workload.ts';
import { aWatched } from '../support/change-harness.ts';

const own = 'updatekate';
const states = {
  converged: { kind: 'converged' },
  progressing: { kind: 'progressing', detail: '0 of 2 pods are new' },
  failed: { kind: 'failed', reason: 'CrashLoopBackOff', detail: 'pod shop-1' },
  stuck: { kind: 'failed', reason: 'ImagePullBackOff', detail: 'pod shop-1' },
} as const satisfies Readonly<Record<string, RolloutState>>;

/** What becomes of a workload. */
type Event =
  | { readonly kind: 'image'; readonly container: string; readonly tag: string; readonly by: string }
  | { readonly kind: 'containers'; readonly names: readonly string[] }
  | { readonly kind: 'template'; readonly hash: string }
  | { readonly kind: 'restart'; readonly time: string }
  | { readonly kind: 'scale'; readonly pods: number }
  | { readonly kind: 'pause'; readonly paused: boolean }
  | { readonly kind: 'status' }
  | { readonly kind: 'deleting' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'create' };
interface Step {
  readonly events: readonly Event[];
  readonly state: keyof typeof states;
}

const names = ['app', 'proxy', 'migrate'];
const event: fc.Arbitrary<Event> = fc.oneof(
  { arbitrary: fc.constant<Event>({ kind: 'status' }), weight: 3 },
  {
    arbitrary: fc.record({
      ...{ kind: fc.constant('image' as const), container: fc.constantFrom(...names) },
      ...{ tag: fc.constantFrom('1', '2', '3'), by: fc.constantFrom(own, 'kubectl-set') },
    }),
    weight: 6,
  },
  fc.record({
    ...{ kind: fc.constant('containers' as const), names: fc.subarray(names, { minLength: 1 }) },
  }),
  fc.record({ kind: fc.constant('template' as const), hash: fc.constantFrom('t1', 't2') }),
  fc.record({ kind: fc.constant('restart' as const), time: fc.constantFrom('1', '2') }),
  fc.record({ kind: fc.constant('scale' as const), pods: fc.nat(3) }),
  fc.record({ kind: fc.constant('pause' as const), paused: fc.boolean() }),
  fc.constantFrom<Event>({ kind: 'deleting' }, { kind: 'delete' }, { kind: 'create' }),
);
const steps = fc.array(
  fc.record<Step>({
    events: fc.array(event, { maxLength: 3 }),
    state: fc.constantFrom('converged', 'converged', 'failed', 'stuck', 'progressing'),
  }),
  { minLength: 1, maxLength: 25 },
);

/** The cluster's side of it. */
interface Cluster {
  readonly objects: number;
  readonly workload: Workload | undefined;
}

const image = (name: string, tag: string): string => `quay.io/acme/${name}:${tag}`;
const aContainer = (name: string, tag: string): Container => ({
  ...{ name, image: image(name, tag), init: name === 'migrate' },
});

function happened({ objects, workload }: Cluster, event: Event): Cluster {
  if (event.kind === 'create') {
    const next = aWatched({ uid: `uid-${objects}`, containers: [aContainer('app', '1')] });
    return { objects: objects + 1, workload: next };
  }
  if (event.kind === 'delete' || !workload) return { objects, workload: undefined };
  return { objects, workload: changed(workload, event) };
}

function changed(workload: Workload, event: Exclude<Event, { kind: 'create' | 'delete' }>): Workload {
  const { containers, traits = { template: 't1', setBy: { images: {} } } } = workload;
  const next = { ...workload, generation: workload.generation + 1 };
  switch (event.kind) {
    case 'status':
      return { ...workload, resourceVersion: `${workload.resourceVersion}1` };
    case 'deleting':
      return { ...workload, deleting: true };
    case 'image': {
      const { container, tag, by } = event;
      const images = { ...traits.setBy.images, [container]: by };
      return {
        ...next,
        containers: containers.map((one) => (one.name === container ? aContainer(container, tag) : one)),
        traits: { ...traits, setBy: { ...traits.setBy, images } },
      };
    }
    case 'containers':
      return {
        ...next,
        containers: event.names.map(
          (name) => containers.find((one) => one.name === name) ?? aContainer(name, '1'),
        ),
        traits: { ...traits, template: `${traits.template.slice(0, 2)} of ${event.names.join()}` },
      };
    case 'template':
      return { ...next, traits: { ...traits, template: event.hash } };
    case 'restart':
      return { ...next, traits: { ...traits, restartedAt: event.time } };
    case 'scale':
      return { ...next, traits: { ...traits, scale: event.pods } };
    case 'pause':
      return { ...next, paused: event.paused };
  }
}

const look = (seen: Seen | undefined, { workload }: Cluster, state: Step['state']): Judgement =>
  workload ? judge(seen, workload, states[state], own) : judgeGone(seen);
const after = (seen: Seen | undefined, judgement: Judgement): Seen | undefined =>
  judgement.kind === 'settled' ? judgement.seen : seen;
const toldIn = (judgement: Judgement): Change | undefined =>
  judgement.kind === 'settled' ? judgement.change : undefined;

/** One look of somebody who remembers. */
interface Looked {
  readonly before: Seen | undefined;
  readonly cluster: Cluster;
  readonly state: Step['state'];
  readonly judgement: Judgement;
}

function lived(life: readonly Step[], seen: Seen | undefined): readonly Looked[] {
  const looks: Looked[] = [];
  let cluster: Cluster = { objects: 2, workload: aWatched() };
  let known = seen;
  for (const { events, state } of life) {
    cluster = events.reduce(happened, cluster);
    const judgement = look(known, cluster, state);
    looks.push({ before: known, cluster, state, judgement });
    known = after(known, judgement);
  }
  return looks;
}

const starts = fc.constantFrom(undefined, firstSeen(aWatched(), true), firstSeen(aWatched(), false));
const runs = { numRuns: 1000 };

describe('whatever becomes of a workload', () => {
  test('a second look at the same tells nothing, and there is nothing to remember', () => {
    fc.assert(
      fc.property(steps, starts, (life, start) => {
        for (const { before, cluster, state, judgement } of lived(life, start)) {
          const again = look(after(before, judgement), cluster, state);

          expect(again.kind).not.toBe('settled');
          if (judgement.kind !== 'settled') expect(again).toEqual(judgement);
        }
      }),
      runs,
    );
  });

  test('whoever reads what another wrote comes to the same', () => {
    fc.assert(
      fc.property(steps, starts, (life, start) => {
        for (const { before, cluster, state, judgement } of lived(life, start))
          expect(look(before && readBack(before), cluster, state)).toEqual(judgement);
      }),
      runs,
    );
  });

  test('nobody is told of what is on its way', () => {
    fc.assert(
      fc.property(steps, starts, (life, start) => {
        for (const { cluster, state, judgement } of lived(life, start))
          if (isOnItsWay(cluster, state)) expect(judgement).toEqual({ kind: 'waiting' });
      }),
      runs,
    );
  });

  test('of what is held back its images are not told, nor put down', () => {
    fc.assert(
      fc.property(steps, starts, (life, start) => {
        for (const { before, cluster, state, judgement } of lived(life, start)) {
          if (!cluster.workload?.paused || cluster.workload.deleting || state !== 'progressing') continue;
          const change = toldIn(judgement);
          const isOurs = before?.failed && judgement.kind === 'settled' && !change?.scale;
          if (judgement.kind === 'settled' && !isOurs)
            expect(judgement.seen.containers).toEqual(before?.containers);
          expect([undefined, 'recovered', 'scaled', 'autoscaled']).toContain(
            change?.kind.slice('workload.'.length),
          );
        }
      }),
      runs,
    );
  });

  test('the way that is told begins where the last one ended that worked', () => {
    fc.assert(
      fc.property(steps, (life) => {
        const start = firstSeen(aWatched(), true);
        let worked = imagesIn(aWatched());
        for (const { before, cluster, state, judgement } of lived(life, start)) {
          // What is as it was shows no way.
          for (const { container, from, to } of toldIn(judgement)?.images ?? [])
            if (from !== to) expect(from).toBe(worked.get(container) ?? '');
          worked = workedAfter(worked, { before, cluster, state, judgement });
        }
      }),
      runs,
    );
  });

  test('it recovers in the thread in which it failed, and fails once before it does', () => {
    fc.assert(
      fc.property(steps, starts, (life, start) => {
        let open: { readonly thread: string; readonly of: string } | undefined;
        for (const { before, cluster, judgement } of lived(life, start)) {
          const change = toldIn(judgement);
          const failure = judgement.kind === 'settled' ? judgement.seen.failed : before?.failed;
          if (change?.kind === 'workload.recovered') expect(change.thread).toBe(open?.thread);
          if (change?.kind === 'workload.failed') {
            const of = cluster.workload && fingerprint(cluster.workload);
            expect(open?.of).not.toBe(of);
            expect(change.thread).toBe(open?.thread ?? failure?.thread);
          }
          if (judgement.kind === 'settled') open = failure?.silent ? undefined : failure;
        }
      }),
      runs,
    );
  });

  test('of what we did, and nobody else did anything to, nobody is told', () => {
    const images = fc.array(fc.constantFrom('1', '2', '3'), { maxLength: 10 });
    fc.assert(
      fc.property(images, (tags) => {
        const life = tags.map((tag): Step => ({
          events: [{ kind: 'image', container: 'app', tag, by: own }],
          state: 'converged',
        }));

        expect(
          lived(life, firstSeen(aWatched(), true)).flatMap(({ judgement }) => toldIn(judgement) ?? []),
        ).toEqual([]);
      }),
    );
  });
});

function isOnItsWay({ workload }: Cluster, state: Step['state']): boolean {
  if (!workload) return false;
  return workload.deleting || (state === 'progressing' && !workload.paused);
}

/** As it is read by the next process. */
function readBack(seen: Seen): Seen {
  const book = { seen: new Map([['Deployment/shop', seen]]), kinds: [] };
  const read = readSeenFile(JSON.stringify(seenFile(book, 'team')), 'team');
  const found = typeof read === 'string' ? undefined : read.seen.get('Deployment/shop');
  if (!found) throw new Error('it was not written');
  return found;
}

function imagesIn({ containers }: Pick<Workload, 'containers'>): ReadonlyMap<string, string> {
  return new Map(containers.map(({ name, image }) => [name, image]));
}

/** The images that a workload had when it last worked; what was there first counts as well. */
function workedAfter(
  worked: ReadonlyMap<string, string>,
  { before, cluster: { workload }, state, judgement }: Looked,
): ReadonlyMap<string, string> {
  if (!workload || judgement.kind !== 'settled') return worked;
  // What is held back does not work yet, but for ours, which its update tells.
  if (state === 'progressing') return imagesIn(judgement.seen);
  if (state === 'failed' || state === 'stuck')
    return before?.type === 'DELETED' ? imagesIn(workload) : worked;
  // Without pods nothing works.
  return before?.failed && workload.traits?.scale === 0 ? worked : imagesIn(workload);
}
