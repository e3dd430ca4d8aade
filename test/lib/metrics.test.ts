import { describe, expect, test } from '@jest/globals';
import { createMetrics } from '../../src/lib/metrics.ts';
import { parsePrometheus } from '../support/prometheus.ts';

describe('metrics', () => {
  test('the page is Prometheus text, every sample of a declared type', async () => {
    const page = createMetrics();
    page.metrics.webhook('quay', 202, 0.003);

    const text = await page.render();

    expect(page.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    const { samples, types } = parsePrometheus(text);
    expect(samples.length).toBeGreaterThan(20);
    expect(types.get('updatekate_webhook_duration_seconds')).toBe('histogram');
    expect(types.get('updatekate_decisions_total')).toBe('counter');
    expect(types.get('updatekate_watch_alive')).toBe('gauge');
    expect(types.has('process_cpu_seconds_total')).toBe(true);
  });

  test('everything is counted under its labels', async () => {
    const { metrics, render } = createMetrics();

    metrics.webhook('quay', 202, 0.003);
    metrics.webhook('quay', 202, 0.3);
    metrics.webhook('unknown', 404, 0.001);
    metrics.decision({ verdict: 'update' });
    metrics.decision({ verdict: 'skip', reason: 'not-newer' });
    metrics.decision({ verdict: 'skip', reason: 'not-newer' });
    metrics.delivery('delivered', 0.02);
    metrics.rollout('succeeded', 42);
    metrics.announcement('sent', 0.1);

    const { valueOf } = parsePrometheus(await render());
    expect(valueOf('updatekate_webhook_duration_seconds_count', { source: 'quay', status: '202' })).toBe(2);
    expect(
      valueOf('updatekate_webhook_duration_seconds_bucket', { source: 'quay', status: '202', le: '0.005' }),
    ).toBe(1);
    expect(valueOf('updatekate_webhook_duration_seconds_count', { source: 'unknown', status: '404' })).toBe(
      1,
    );
    expect(valueOf('updatekate_decisions_total', { verdict: 'update', reason: '' })).toBe(1);
    expect(valueOf('updatekate_decisions_total', { verdict: 'skip', reason: 'not-newer' })).toBe(2);
    expect(valueOf('updatekate_delivery_duration_seconds_sum', { result: 'delivered' })).toBe(0.02);
    expect(valueOf('updatekate_rollout_duration_seconds_sum', { result: 'succeeded' })).toBe(42);
    expect(valueOf('updatekate_rollout_duration_seconds_bucket', { result: 'succeeded', le: '60' })).toBe(1);
    expect(valueOf('updatekate_announcement_duration_seconds_count', { result: 'sent' })).toBe(1);
  });

  test('the watch is 1 or 0, by cluster', async () => {
    const { metrics, render } = createMetrics();

    metrics.watch('prod', 'deployments', true);
    metrics.watch('staging', 'deployments', true);
    metrics.watch('staging', 'deployments', false);
    metrics.leading(true);
    metrics.spooled(2);
    [1, 1, -1].forEach((more) => metrics.retrying('namespace', more));

    const { valueOf } = parsePrometheus(await render());
    expect(valueOf('updatekate_watch_alive', { cluster: 'prod', resource: 'deployments' })).toBe(1);
    expect(valueOf('updatekate_watch_alive', { cluster: 'staging', resource: 'deployments' })).toBe(0);
    expect(valueOf('updatekate_replica_leads', {})).toBe(1);
    expect(valueOf('updatekate_spooled_updates_total', {})).toBe(2);
    expect(valueOf('updatekate_retrying', { what: 'namespace' })).toBe(1);
  });

  test('two pages in one process do not count for each other', async () => {
    const [left, right] = [createMetrics(), createMetrics()];

    left.metrics.decision({ verdict: 'update' });

    expect(
      parsePrometheus(await right.render()).valueOf('updatekate_decisions_total', { verdict: 'update' }),
    ).toBe(undefined);
  });
});
