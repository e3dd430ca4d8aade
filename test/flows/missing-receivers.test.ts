import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { AnnouncementResult, Notifier, Receiver } from '../../src/core/ports.ts';
import type { Announcement, Update } from '../../src/core/update.ts';
import type { Workload } from '../../src/core/workload.ts';
import { createLead } from '../../src/flows/lead.ts';
import { createMemoryDocuments } from '../../src/stores/memory-documents.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { aWatched, createChangeHarness, said, type ChangeHarness } from '../support/change-harness.ts';
import type { LoggedLine } from '../support/fake-log.ts';
import { createHarness } from '../support/harness.ts';

const words = 'nobody is told what waits for this receiver until one of its name is configured again';
const warnings = ({ log }: { readonly log: { readonly lines: readonly LoggedLine[] } }) =>
  log.lines.filter(({ level, message }) => level === 'warn' && message === words).map(({ fields }) => fields);

describe('an update of which a receiver is to be told that is not configured any more', () => {
  const down: Receiver['tell'] = () =>
    Promise.resolve({ kind: 'failed', message: 'down', retryAfterMs: undefined });
  const entry = (receiver: string, event: string, state: Announcement['state']): Announcement => ({
    ...{ receiver, event, state, attempts: 1, dueAt: '2026-01-01T00:00:00.000Z' },
  });
  const ended = (name: string, ...announcements: readonly Announcement[]): Update => ({
    ...anUpdate({ name, phase: 'Failed', announcements }),
  });

  /** A replica with one receiver, over a store with these records. */
  async function aReplica(...updates: readonly Update[]) {
    const away = { now: false };
    const store = createMemoryStore();
    await store.create(updates);
    const harness = createHarness({
      around: (context) => ({
        ...context,
        store: {
          ...store,
          open: (workload) =>
            away.now ? Promise.reject(new AppError('unavailable', 'no answer')) : store.open(workload),
        },
        receivers: [{ name: 'notify-here', tell: down }],
      }),
    });
    return { ...harness, away, lead: createLead(harness.context, { holds: () => true }) };
  }

  test('is said once a term: who it is, and how much waits', async () => {
    const replica = await aReplica(
      ended('up-1', entry('notify-gone', 'update.failed', 'pending'), entry('notify-here', 'x', 'pending')),
      ended('up-2', entry('notify-gone', 'x', 'pending'), entry('notify-gone', 'y', 'pending')),
      ended('up-3', entry('notify-old', 'update.failed', 'pending'), entry('notify-rest', 'x', 'sent')),
    );

    replica.lead.acquired();
    await replica.clock.advance(3_600_000);
    replica.lead.lookAgain();
    await replica.clock.advance(0);
    expect(warnings(replica)).toEqual([
      { receiver: 'notify-gone', messages: 3 },
      { receiver: 'notify-old', messages: 1 },
    ]);

    replica.lead.acquired();
    await replica.clock.advance(0);
    expect(warnings(replica)).toHaveLength(4);
  });

  test('is said as soon as it can be known', async () => {
    const replica = await aReplica(ended('up-1', entry('notify-gone', 'update.failed', 'pending')));
    replica.away.now = true;
    replica.lead.acquired();
    await replica.clock.advance(10_000);
    expect(warnings(replica)).toEqual([]);

    replica.away.now = false;
    await replica.clock.advance(30_000);

    expect(warnings(replica)).toEqual([{ receiver: 'notify-gone', messages: 1 }]);
  });

  test('is not said by a term that is over', async () => {
    const replica = await aReplica(ended('up-1', entry('notify-gone', 'update.failed', 'pending')));

    replica.lead.acquired();
    replica.lead.lost();
    await replica.clock.advance(1000);

    expect(warnings(replica)).toEqual([]);
  });

  test('is not said of who is there, nor of what has been told', async () => {
    const replica = await aReplica(
      ended('up-1', entry('notify-here', 'update.failed', 'pending'), entry('notify-gone', 'x', 'sent')),
    );

    replica.lead.acquired();
    await replica.clock.advance(1000);

    expect(warnings(replica)).toEqual([]);
  });
});

describe('a change of which a notifier is to be told that is not configured any more', () => {
  const at = (generation: number, tag: string, name = 'shop'): Workload => {
    const image = `quay.io/acme/shop:${tag}`;
    return aWatched({ key: keyOf(name), generation, observedGeneration: generation, image });
  };
  const aNotifier = (name: string, result: AnnouncementResult): Notifier & { readonly told: string[] } => {
    const told: string[] = [];
    return {
      ...{ name, told, wants: () => true, takes: () => false },
      tell: () => Promise.reject(new Error('no update is told here')),
      bring(notice) {
        told.push(said(notice));
        return Promise.resolve(result);
      },
    };
  };
  const failure: AnnouncementResult = { kind: 'failed', message: 'down', retryAfterMs: 3_600_000 };

  /** Two changes wait for `notify-gone`; then a process without it goes on. */
  async function withoutIt() {
    const documents = createMemoryDocuments();
    const [gone, here] = [aNotifier('notify-gone', failure), aNotifier('notify-here', { kind: 'sent' })];
    const before = createChangeHarness({ documents, notifiers: [gone, here] });
    await before.list(at(1, '1'), at(1, '1', 'till'));
    await before.put(at(2, '2'), at(2, '2', 'till'));
    before.lead.lost();
    const harness = createChangeHarness({ documents, notifiers: [here] });
    return { documents, before, harness };
  }

  const listed = async (harness: ChangeHarness): Promise<void> => {
    await harness.list(at(2, '2'), at(2, '2', 'till'));
    await harness.clock.advance(3_600_000);
  };

  test('is said once a term and namespace: who it is, and how much waits', async () => {
    const { harness } = await withoutIt();

    await listed(harness);
    await listed(harness);
    const line = { cluster: 'default', namespace: 'default', receiver: 'notify-gone', messages: 2 };
    expect(warnings(harness)).toEqual([line]);

    await harness.restart();
    await listed(harness);
    expect(warnings(harness)).toEqual([line, line]);
  });

  test('is not said again because it is read again', async () => {
    const { documents, harness } = await withoutIt();
    await listed(harness);
    const name = 'deployment-notices-v1-platform-default.json';
    const { signal } = new AbortController();
    const { text = '', revision } = (await documents.read(name, signal)) ?? {};
    await documents.write(name, text, revision, signal);

    await harness.put(at(3, '3'));
    await harness.clock.advance(3_600_000);

    expect(warnings(harness)).toHaveLength(1);
  });

  test('is not said where all are there', async () => {
    const { before } = await withoutIt();

    await before.restart();
    await listed(before);

    expect(warnings(before)).toEqual([]);
  });
});
