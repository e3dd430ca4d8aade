import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { noticeKinds, noticeWords, type Notice } from '../../src/core/notice.ts';
import { secretText } from '../../src/core/secret-text.ts';
import { pagerduty } from '../../src/notifiers/pagerduty.ts';
import { aMessage, aMessageOf, sinkContract } from '../contract/sink.ts';
import { json, status, type Answer } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { faultsIn, problemsIn, refusedWith } from '../support/sink-vendor.ts';
import { routingKey, startPagerdutyKit, tooMany, type PagerdutyKit } from './kits/pagerduty.ts';

const { signal } = new AbortController();
const withSettings = closedAfterEach(startPagerdutyKit);

sinkContract('pagerduty', () => startPagerdutyKit());

const failed = aMessage({
  ...{ id: 'up-1-failed', kind: 'update.failed', severity: 'error' },
  ...{ reason: 'ImagePullBackOff', message: 'pod shop-1' },
});

describe('a failure', () => {
  test('opens an alert, with this body', async () => {
    const { sink, events } = await withSettings();

    await sink.send(failed, signal);

    const fixture: unknown = JSON.parse(readFileSync('test/fixtures/notifiers/pagerduty.json', 'utf8'));
    expect(events()).toEqual([fixture]);
  });

  test('has the severity that is set', async () => {
    const { sink, events } = await withSettings({ severity: 'critical' });

    await sink.send(failed, signal);

    expect(events()).toMatchObject([{ payload: { severity: 'critical' } }]);
  });

  test('has a title as long as PagerDuty takes, and never half a character', async () => {
    const { sink, events } = await withSettings();

    await sink.send({ ...failed, text: `x${'🚢'.repeat(600)}\nmore` }, signal);

    expect(events()).toMatchObject([{ payload: { summary: `x${'🚢'.repeat(511)}…` } }]);
  });

  test('of which a template says nothing is titled by its workload', async () => {
    const { sink, events } = await withSettings();

    await sink.send({ ...failed, text: '' }, signal);

    expect(events()).toMatchObject([{ payload: { summary: 'north/till/Deployment/shop' } }]);
  });

  test('is taken with megabytes of text that JSON makes longer', async () => {
    const { sink, events } = await withSettings();

    await sink.send({ ...failed, text: `shop\n${'\u0001'.repeat(3_000_000)}` }, signal);

    expect(events()).toHaveLength(1);
  });

  test.each([undefined, 'javascript:alert(1)', '/till/shop'])(
    'without an address has no link: %s',
    async (link) => {
      const { sink, events } = await withSettings();

      await sink.send({ ...failed, notice: { ...failed.notice, link } }, signal);

      expect(events()).toHaveLength(1);
      expect(events()[0]).not.toHaveProperty('links');
      expect(events()[0]).not.toHaveProperty('client_url');
    },
  );
});

describe('what is told', () => {
  test('of a rollout has an alert of its own where that is set', async () => {
    const { sink, events } = await withSettings({ incident: 'update' });

    await sink.send(failed, signal);
    await sink.send(aMessage(), signal);

    expect(events()).toMatchObject([
      { event_action: 'trigger', dedup_key: 'up-1' },
      { event_action: 'resolve', dedup_key: 'up-1' },
    ]);
  });

  test('of kinds is what is bad, what is well, and nothing of all else', async () => {
    const { sink, events } = await withSettings();
    const actions: string[] = [];

    for (const kind of noticeKinds) {
      await sink.send(aMessageOf(kind), signal);
      const action = events()[actions.length]?.event_action;
      if (action !== undefined) actions.push(`${kind}: ${action}`);
    }

    expect(actions).toEqual([
      'update.succeeded: resolve',
      'update.failed: trigger',
      'workload.created: resolve',
      'workload.image-changed: resolve',
      'workload.config-changed: resolve',
      'workload.restarted: resolve',
      'workload.failed: trigger',
      'workload.recovered: resolve',
    ]);
  });

  test('is known of kinds by the settings, before anything is opened', () => {
    const key = { routingKey: secretText(routingKey) };
    const told = (different: object) =>
      noticeKinds.filter(pagerduty.settings.parse({ ...key, ...different }).tells);

    expect(told({})).toEqual([
      ...['update.succeeded', 'update.failed', 'workload.created', 'workload.image-changed'],
      ...['workload.config-changed', 'workload.restarted', 'workload.failed', 'workload.recovered'],
    ]);
    expect(told({ trigger: ['deleted'], resolve: [] })).toEqual(['workload.deleted']);
    expect(told({ trigger: [], resolve: ['created'] })).toEqual(['workload.created']);
  });

  test('of a rollout that recovers closes its alert, whatever an alert is about', async () => {
    for (const incident of ['update', 'workload']) {
      const { sink, events } = await withSettings({ incident });

      await sink.send(failed, signal);
      await sink.send(aMessageOf('workload.recovered'), signal);

      const [opened, closed] = events();
      expect([opened?.event_action, closed?.event_action]).toEqual(['trigger', 'resolve']);
      expect(closed?.dedup_key).toBe(opened?.dedup_key);
    }
  });

  test('of what opens and closes alerts can be set; what is in both opens one', async () => {
    const { sink, events } = await withSettings({
      trigger: ['expired', 'failed'],
      resolve: ['approved', 'expired'],
    });

    await sink.send(aMessage({ kind: 'update.expired', severity: 'warning' }), signal);
    await sink.send(aMessage({ kind: 'update.approved' }), signal);
    await sink.send(aMessage(), signal);

    expect(events()).toMatchObject([
      { event_action: 'trigger', payload: { severity: 'warning' } },
      { event_action: 'resolve' },
    ]);
  });

  test('of the next update that succeeds closes the alert of the one that failed', async () => {
    const { sink, events } = await withSettings();

    await sink.send(failed, signal);
    await sink.send(aMessage({ thread: 'up-2' }), signal);

    expect(events()).toMatchObject([
      { event_action: 'trigger', dedup_key: 'updatekate/north/till/Deployment/shop' },
      { event_action: 'resolve', dedup_key: 'updatekate/north/till/Deployment/shop' },
    ]);
  });

  test('by workload has a key that PagerDuty takes, however long the names, and one for each', async () => {
    const { sink, events } = await withSettings({ incident: 'workload' });
    const workload = { cluster: 'north', namespace: 'till', kind: 'Deployment' } as const;

    await sink.send(
      aMessage({ ...failed.notice, workload: { ...workload, name: `${'x'.repeat(252)}a` } }),
      signal,
    );
    await sink.send(
      aMessage({ ...failed.notice, workload: { ...workload, name: `${'x'.repeat(252)}b` } }),
      signal,
    );

    expect(new Set(events().map((event) => event.dedup_key)).size).toBe(2);
  });
});

describe('what comes late', () => {
  const failedAt = (at: string, different: Partial<Notice> = {}) =>
    aMessageOf('update.failed', { at: `2026-01-01T00:${at}.000Z`, ...different });
  const wellAt = (at: string, different: Partial<Notice> = {}) =>
    aMessage({ at: `2026-01-01T00:${at}.000Z`, ...different });
  const actions = ({ events }: PagerdutyKit): readonly string[] =>
    events().map(({ event_action: action }) => action);
  const otherWorkload = { workload: { ...failed.notice.workload, name: 'admin' } };

  test('opens no alert on a workload that is well by now, and counts as sent', async () => {
    const kit = await withSettings();
    kit.next(tooMany());
    await expect(kit.sink.send(failedAt('15:00'), signal)).rejects.toMatchObject({ code: 'rate-limited' });
    await kit.sink.send(wellAt('15:21'), signal);

    await kit.sink.send(failedAt('15:00'), signal);

    expect(actions(kit)).toEqual(['resolve']);
  });

  test('closes no alert that was opened after it', async () => {
    const kit = await withSettings();
    await kit.sink.send(failedAt('16:00'), signal);

    await kit.sink.send(wellAt('15:21'), signal);
    await kit.sink.send(wellAt('16:00'), signal);

    expect(actions(kit)).toEqual(['trigger', 'resolve']);
  });

  test('is sent where what is newer was not taken, or is about another alert, or opens and closes none', async () => {
    const kit = await withSettings();
    kit.next(status(503));
    await expect(kit.sink.send(wellAt('15:21'), signal)).rejects.toMatchObject({ code: 'unavailable' });
    await kit.sink.send(wellAt('15:21', otherWorkload), signal);
    await kit.sink.send(aMessageOf('workload.scaled', { at: '2026-01-01T00:15:22.000Z' }), signal);

    await kit.sink.send(failedAt('15:00'), signal);

    expect(kit.events()).toMatchObject([
      { event_action: 'resolve', dedup_key: 'updatekate/north/till/Deployment/admin' },
      { event_action: 'trigger', dedup_key: 'updatekate/north/till/Deployment/shop' },
    ]);
  });

  test('is late after the newest that was taken, in whatever order they were', async () => {
    const kit = await withSettings();
    const answers: (() => void)[] = [];
    kit.next((response, request) => void answers.push(() => json(202, {})(response, request)));
    const older = kit.sink.send(failedAt('15:00'), signal);
    while (answers.length === 0) await setImmediate();
    await kit.sink.send(wellAt('15:21'), signal);
    answers.forEach((answer) => answer());
    await older;

    await kit.sink.send(failedAt('15:10'), signal);

    expect(actions(kit)).toEqual(['resolve']);
  });

  test('is not what happens after the clock was set back', async () => {
    const kit = await withSettings();
    await kit.sink.send(wellAt('29:00'), signal);
    kit.clock.freeze(-10 * 60_000);

    await kit.sink.send(failedAt('20:00'), signal);

    expect(actions(kit)).toEqual(['resolve', 'trigger']);
  });
});

describe('a refusal', () => {
  const refused = async (answer: Answer): Promise<unknown> => refusedWith(await withSettings(), answer);

  test('is in the words of PagerDuty, without the key', async () => {
    const errors = [`'routing_key' ${routingKey} is not known`];
    const answer = json(400, { status: 'invalid event', message: 'Event object is invalid', errors });

    expect(await refused(answer)).toMatchObject({
      code: 'bad-request',
      message: "PagerDuty answered 400: Event object is invalid; 'routing_key' *** is not known",
    });
  });

  test.each(['<html>', '[]', '{"message":1}', ''])('in another form is its status: %s', async (body) => {
    expect(await refused(status(403, {}, body))).toMatchObject({
      ...{ code: 'forbidden', message: 'PagerDuty answered 403', retryAfterMs: undefined },
    });
  });

  test('for being too often is one of some minutes where nothing else is said', async () => {
    expect(await refused(tooMany())).toMatchObject({ code: 'rate-limited', retryAfterMs: 120_000 });
  });
});

describe('settings', () => {
  const words = noticeWords.join(', ');
  const key = { routingKey: secretText(routingKey) };

  test('say of what opens and closes nothing where that is', () => {
    expect(faultsIn(pagerduty, { ...key, trigger: [], resolve: [] })).toEqual([
      `trigger: a list of ${words}, with at least one of them in trigger or resolve`,
    ]);
    expect(faultsIn(pagerduty, { ...key, resolve: [] })).toEqual([]);
    expect(faultsIn(pagerduty, { ...key, trigger: [] })).toEqual([]);
  });

  test('need the key only, and take words of all there is', () => {
    expect(problemsIn(pagerduty, key)).toBeUndefined();
    expect(problemsIn(pagerduty, { ...key, trigger: noticeWords, resolve: noticeWords })).toBeUndefined();
  });

  test.each([
    ['the key itself', { routingKey }, '{ env: NAME } or { file: PATH }, never the secret itself'],
    ['no key', { routingKey: undefined }, '{ env: NAME } or { file: PATH }, never the secret itself'],
    ['a short key', { routingKey: secretText('short') }, 'a secret that is 32 letters and digits'],
    ['a kind that is none', { trigger: ['failure'] }, `a list of ${words}`],
    ['no list', { resolve: 'succeeded' }, `a list of ${words}`],
    [
      'nothing that opens or closes an alert',
      { trigger: [], resolve: [] },
      `a list of ${words}, with at least one of them in trigger or resolve`,
    ],
    ['another incident', { incident: 'namespace' }, 'update or workload'],
    ['another severity', { severity: 'high' }, 'critical, error, warning, info'],
    ['no address', { url: 'events.pagerduty.com' }, 'an address such as https://events.pagerduty.com'],
    [
      'an address with a path',
      { url: 'https://a.example/v2' },
      'an address such as https://events.pagerduty.com',
    ],
    ['another key', { routing_key: 'x' }, 'routingKey, trigger, resolve, incident, severity, url'],
  ])('are refused with %s', (_what, different, problem) => {
    expect(problemsIn(pagerduty, { ...key, ...different })).toEqual([problem]);
  });
});
