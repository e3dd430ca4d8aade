import { scopesOf } from '../../src/cluster/watch-workloads.ts';
import {
  createWatchedCluster,
  watchedWorkloads,
  type WatchedCluster,
} from '../../src/cluster/watched-cluster.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Notice } from '../../src/core/notice.ts';
import type { Documents } from '../../src/core/documents.ts';
import type { AnnouncementResult, Notifier } from '../../src/core/ports.ts';
import type { Rest } from '../../src/core/rest.ts';
import { readSeenFile } from '../../src/core/seen-file.ts';
import type { SeenBook } from '../../src/core/seen-book.ts';
import type { Pod, Workload, WorkloadKey, WorkloadTraits } from '../../src/core/workload.ts';
import type { ChangeContext } from '../../src/flows/changes/change-context.ts';
import { createChangeLead, type ChangeLead } from '../../src/flows/changes/lead-changes.ts';
import { createMemoryDocuments } from '../../src/stores/memory-documents.ts';
import { aWorkload, keyOf } from './builders.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';
import { createFakeMetrics } from './fake-metrics.ts';

/** A workload of which somebody said who set what. */
export function aWatched(
  different: Partial<Workload> & { readonly image?: string; readonly set?: Partial<WorkloadTraits> } = {},
): Workload {
  const { image = 'quay.io/acme/shop:1.0.0', set = {}, ...rest } = different;
  const traits: WorkloadTraits = {
    ...{ template: 't1', scale: 2 },
    setBy: { images: { app: 'kubectl-set' }, template: 'helm', restart: 'kubectl-rollout', scale: 'kubectl' },
    ...set,
  };
  return aWorkload({ containers: [{ name: 'app', image, init: false }], team: 'checkout', traits, ...rest });
}

/** The same while its new pods are on their way. */
export function rollingOut(workload: Workload): Workload {
  return { ...workload, status: { replicas: 3, updated: 1, available: 2 } };
}

/** A namespace of one cluster, with the flows that tell of its changes. */
export interface ChangeHarness {
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof createFakeLog>;
  readonly metrics: ReturnType<typeof createFakeMetrics>;
  readonly documents: Documents;
  readonly cluster: WatchedCluster;
  /** What every notifier was told, one after the other. */
  readonly told: readonly Notice[];
  /** Their words: `kind name: from → to`. */
  said(): readonly string[];
  lead: ChangeLead;
  /** Everything is listed: these are the Deployments. */
  list(...workloads: readonly Workload[]): Promise<void>;
  put(...workloads: readonly Workload[]): Promise<void>;
  remove(key?: WorkloadKey): Promise<void>;
  /** What is written down as seen. */
  book(): Promise<SeenBook>;
  /** Another process takes over, with the same documents. */
  restart(): Promise<void>;
  /** How the notifier answers from now on. */
  answer: (notice: Notice) => AnnouncementResult | Promise<AnnouncementResult>;
  pods: () => readonly Pod[];
  isGone: boolean;
  holds: boolean;
}

export interface ChangeHarnessOptions {
  readonly documents?: Documents;
  readonly cache?: Documents;
  readonly namespaces?: readonly string[];
  readonly notifiers?: readonly Notifier[];
  readonly context?: Partial<ChangeContext>;
  readonly clock?: FakeClock;
}

const none: AnnouncementResult = { kind: 'sent' };

/** Builds it; it leads, and nothing has been listed yet. */
export function createChangeHarness(options: ChangeHarnessOptions = {}): ChangeHarness {
  const clock = options.clock ?? createFakeClock();
  const [log, metrics] = [createFakeLog(), createFakeMetrics()];
  const documents = options.documents ?? createMemoryDocuments();
  const scopes = scopesOf(options.namespaces ?? ['default']);
  const told: Notice[] = [];
  const notifier: Notifier = {
    name: 'notify-all',
    takes: () => false,
    tell: () => Promise.reject(new Error('no update is told here')),
    wants: () => true,
    async bring(notice) {
      told.push(notice);
      return harness.answer(notice);
    },
  };
  const rest: Rest = {
    json: () => Promise.resolve({ items: harness.isGone ? [] : [{}] }),
    lines: () => Promise.reject(new AppError('internal', 'nobody watches here')),
  };
  const build = (): { cluster: WatchedCluster; lead: ChangeLead } => {
    const cluster = createWatchedCluster({
      ...{ name: 'default', scopes, rest, log },
      pods: () => Promise.resolve(harness.pods()),
      changed: (key) => lead.changed(key),
    });
    const context: ChangeContext = {
      ...{ clock, log, metrics, random: () => 0, outbox: documents, cache: options.cache ?? documents },
      ...{
        watched: watchedWorkloads(new Map([['default', cluster]])),
        notifiers: options.notifiers ?? [notifier],
      },
      ...{
        ownNamespace: 'platform',
        ownCluster: 'default',
        teamLabel: 'app.dbc.dk/team',
        ownManager: 'updatekate',
      },
      ...{ link: () => undefined, rollout: { timeoutMs: 900_000, pollMs: 20_000 } },
      ...options.context,
    };
    const lead = createChangeLead(context, { holds: () => harness.holds });
    return { cluster, lead };
  };
  const listed: Workload[] = [];
  const harness: ChangeHarness = {
    ...{
      clock,
      log,
      metrics,
      documents,
      told,
      answer: () => none,
      pods: () => [],
      isGone: true,
      holds: true,
    },
    ...build(),
    said: () => told.map(said),
    async list(...workloads) {
      listed.splice(0, listed.length, ...workloads);
      for (const scope of scopes)
        harness.cluster.replaceAll(scope, scope.kind === 'Deployment' ? workloads : []);
      harness.lead.listed({ cluster: 'default', namespace: undefined });
      await clock.advance(0);
    },
    async put(...workloads) {
      workloads.forEach((workload) => harness.cluster.put(workload));
      await clock.advance(0);
    },
    async remove(key = keyOf()) {
      harness.cluster.remove(key);
      await clock.advance(0);
    },
    async book() {
      const name = 'deployment-events-v2-platform-default.json';
      const { text = '' } =
        (await (options.cache ?? documents).read(name, new AbortController().signal)) ?? {};
      const book = readSeenFile(text, 'app.dbc.dk/team');
      if (typeof book === 'string') throw new Error(book);
      return book;
    },
    async restart() {
      harness.lead.lost();
      Object.assign(harness, build());
      harness.lead.acquired();
      await clock.advance(0);
    },
  };
  harness.lead.acquired();
  return harness;
}

/** A notice in a few words. */
export function said({ kind, workload, images, scale }: Notice): string {
  const word = kind.slice('workload.'.length);
  const moves = images.map(({ from, to }) => (from === to ? tagOf(to) : `${tagOf(from)} → ${tagOf(to)}`));
  const what = scale ? `${scale.from} → ${scale.to}` : moves.join(', ');
  return `${word} ${workload.name}: ${what}`;
}

function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1);
}
