import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { event } from '../../src/notifiers/event.ts';
import { noticeKinds } from '../../src/core/notice.ts';
import { aMessage, aMessageOf, sinkContract } from '../contract/sink.ts';
import { startEventKit, type EventKit } from './kits/event.ts';

sinkContract('event', startEventKit);

const never = new AbortController().signal;
const fixture = new URL('../fixtures/notifiers/event.json', import.meta.url);
const events = '/apis/events.k8s.io/v1/namespaces/till/events';

describe('event', () => {
  let kit: EventKit;
  beforeEach(async () => {
    kit = await startEventKit();
  });
  afterEach(() => kit.close());

  const refusal = async (): Promise<AppError> => {
    const error: unknown = await kit.sink.send(aMessage(), never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    return error as AppError;
  };

  test('is an Event of events.k8s.io/v1 about the workload', async () => {
    await kit.sink.send(aMessage(), never);

    expect(kit.stored.get('up-1-succeeded')).toEqual(JSON.parse(readFileSync(fixture, 'utf8')));
    expect(kit.requests).toEqual(['GET /apis/apps/v1/namespaces/till/deployments/shop', `POST ${events}`]);
  });

  test('says by its type, reason and action what happened, and whether we did it', async () => {
    for (const kind of noticeKinds) await kit.sink.send(aMessageOf(kind), never);

    const said = [...kit.stored.values()].map(({ type, reason, action }) => `${type} ${reason} ${action}`);
    expect(said).toEqual([
      'Normal UpdateAwaitingApproval UpdateImages',
      'Normal UpdateApproved UpdateImages',
      'Warning UpdateRejected UpdateImages',
      'Warning UpdateExpired UpdateImages',
      'Normal UpdateSuperseded UpdateImages',
      'Normal UpdateSucceeded UpdateImages',
      'Warning UpdateFailed UpdateImages',
      'Normal WorkloadCreated Observe',
      'Normal ImageChanged Observe',
      'Normal ConfigChanged Observe',
      'Normal WorkloadRestarted Observe',
      'Normal WorkloadScaled Observe',
      'Normal WorkloadAutoscaled Observe',
      'Warning WorkloadDeleted Observe',
      'Warning WorkloadFailed Observe',
      'Normal WorkloadRecovered Observe',
    ]);
  });

  test('goes to the cluster of the workload', async () => {
    const workload = { cluster: 'south', namespace: 'till', kind: 'Deployment', name: 'shop' } as const;

    await expect(kit.sink.send(aMessage({ workload }), never)).rejects.toThrow('there is no cluster south');
    expect(kit.requests).toEqual([]);
  });

  test('of a deletion is not about what has that name now', async () => {
    await kit.sink.send(aMessageOf('workload.deleted'), never);

    const [stored] = kit.stored.values();
    expect(stored?.regarding).not.toHaveProperty('uid');
    expect(kit.requests).toEqual([`POST ${events}`]);
  });

  test('of a namespace that is gone will never be taken', async () => {
    kit.trick(404, 'namespaces "till" not found');
    expect((await refusal()).code).toBe('gone');

    kit.trick(404, 'the server could not find the requested resource');
    expect((await refusal()).code).toBe('not-found');
  });

  test.each([
    ['StatefulSet', 'apps/v1', 'statefulsets'],
    ['DaemonSet', 'apps/v1', 'daemonsets'],
    ['CronJob', 'batch/v1', 'cronjobs'],
  ] as const)('is about a %s', async (kind, apiVersion, plural) => {
    const uid = `uid-of-${plural}`;
    kit.workloads.set(`/apis/${apiVersion}/namespaces/till/${plural}/shop`, uid);

    await kit.sink.send(
      aMessage({ workload: { cluster: 'north', namespace: 'till', kind, name: 'shop' } }),
      never,
    );

    expect(kit.stored.get('up-1-succeeded')?.regarding).toEqual({
      ...{ apiVersion, kind, namespace: 'till', name: 'shop', uid },
    });
  });

  test('is there once, however often it is tried', async () => {
    await kit.sink.send(aMessage(), never);
    await kit.sink.send(aMessage(), never);

    expect(kit.shown()).toHaveLength(1);
    expect(kit.requests.filter((request) => request === `POST ${events}`)).toHaveLength(2);
  });

  test('of a workload that is gone is written without its uid', async () => {
    kit.workloads.clear();

    await kit.sink.send(aMessage(), never);

    expect(kit.stored.get('up-1-succeeded')?.regarding).toEqual({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'till', name: 'shop' },
    });
  });

  test('uses all the room there is, and ends at a whole code point', async () => {
    await kit.sink.send(aMessage({ kind: 'update.failed', message: '🚢'.repeat(3000) }), never);

    const [note = ''] = kit.shown();
    expect(Buffer.byteLength(note)).toBeGreaterThan(1020);
    expect(note).toMatch(/🚢…$/u);
    expect(note).not.toContain('\uFFFD');
  });

  test('is one line, and steers no terminal', async () => {
    const message = `pod shop-1\n\n  CrashLoopBackOff \u001b[2J`;
    await kit.sink.send(aMessage({ kind: 'update.failed', message, link: undefined }), never);

    expect(kit.shown()[0]).toMatch(/; pod shop-1; CrashLoopBackOff \\u\{1b\}\[2J$/);
  });

  test('says which permission is missing', async () => {
    kit.refuse();

    const { code, message } = await refusal();

    expect(code).toBe('forbidden');
    expect(message).toContain('cannot create resource "events"');
    expect(message).toMatch(
      /the Role in till of cluster north lacks the rule \{ apiGroups: \[events\.k8s\.io\], resources: \[events\], verbs: \[create\] \}$/,
    );
  });

  test('is written without the uid that it may not know, and says so once for a kind in a namespace', async () => {
    kit.forbidReading();
    const elsewhere = { cluster: 'north', namespace: 'shop', kind: 'Deployment', name: 'shop' } as const;
    const { sink, stored, log } = kit;

    await sink.send(aMessage(), never);
    await sink.send(aMessageOf('workload.failed'), never);
    await sink.send(aMessage({ workload: elsewhere, id: 'up-2-succeeded' }), never);
    await sink.send(aMessage({ workload: { ...elsewhere, kind: 'CronJob' }, id: 'up-3-succeeded' }), never);

    expect([...stored.values()].map(({ regarding }) => 'uid' in regarding)).toEqual(Array(4).fill(false));
    const message = 'event: a workload may not be read: kubectl describe does not show its events';
    expect(log.lines).toEqual(
      [
        ['till', 'Deployment'],
        ['shop', 'Deployment'],
        ['shop', 'CronJob'],
      ].map(([namespace, kind]) => ({
        ...{ level: 'warn', message },
        fields: { cluster: 'north', namespace, kind, error: expect.any(AppError) },
      })),
    );
  });

  test('is not written at all while the API server is away', async () => {
    kit.forbidReading(503);

    expect((await refusal()).code).toBe('unavailable');
    expect([kit.stored.size, kit.log.lines]).toEqual([0, []]);
  });

  test('asks for no permission where something else is in the way', async () => {
    kit.trick(403, 'unable to create new content in namespace till because it is being terminated');

    const { code, message } = await refusal();

    expect(code).toBe('forbidden');
    expect(message).toMatch(/being terminated$/);
  });

  test.each([
    [{ level: 'x' }, 'nothing in it, {}'],
    ...[null, 'on', []].map((given) => [given, 'a section with nothing in it, {}'] as const),
  ])('has no settings: %j', (given, allowed) => {
    const { error } = event.settings.safeParse(given);

    expect(error?.issues.map(({ message }) => message)).toEqual([allowed]);
  });
});
