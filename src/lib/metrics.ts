import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Metrics } from '../core/ports.ts';

/** The counters, and the page that Prometheus reads. */
export interface MetricsPage {
  readonly metrics: Metrics;
  readonly contentType: string;
  render(): Promise<string>;
}

const fast = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const slow = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900, 1800];

/** Counters and latency histograms of webhook, decision, delivery, rollout and announcement. */
export function createMetrics(): MetricsPage {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { seconds, counter, gauge } = makersIn(registry);
  const webhook = seconds(
    'updatekate_webhook_duration_seconds',
    'Time from a webhook to its answer.',
    ['source', 'status'],
    fast,
  );
  const delivery = seconds(
    'updatekate_delivery_duration_seconds',
    'Time one try to deliver took.',
    ['result'],
    fast,
  );
  const rollout = seconds(
    'updatekate_rollout_duration_seconds',
    'Time from delivery to the end of the rollout.',
    ['result'],
    slow,
  );
  const announcement = seconds(
    'updatekate_announcement_duration_seconds',
    'Time one try to tell a receiver took.',
    ['result'],
    fast,
  );
  const ofDecision = ['verdict', 'reason'];
  const decisions = counter('updatekate_decisions_total', 'Tags by verdict and reason.', ofDecision);
  const votes = counter('updatekate_votes_total', 'Votes by the way they came.', ['via', 'result']);
  const spooled = counter(
    'updatekate_spooled_updates_total',
    'Updates kept on this machine because the cluster did not take them in time.',
  );
  const watch = gauge('updatekate_watch_alive', '1 while the watch delivers.', ['cluster', 'resource']);
  const changes = counter('updatekate_changes_total', 'Changes of workloads that others made.', ['kind']);
  const retrying = gauge('updatekate_retrying', 'What failed at a step that is tried again.', ['what']);
  const leading = gauge('updatekate_replica_leads', '1 while this replica acts on updates.');
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    metrics: {
      webhook: (source, status, took) => webhook.observe({ source, status }, took),
      decision: ({ verdict, reason }) => decisions.inc({ verdict, reason: reason ?? '' }),
      delivery: (result, took) => delivery.observe({ result }, took),
      rollout: (result, took) => rollout.observe({ result }, took),
      announcement: (result, took) => announcement.observe({ result }, took),
      vote: (via, result) => votes.inc({ via, result }),
      watch: (cluster, resource, alive) => watch.set({ cluster, resource }, Number(alive)),
      spooled: (updates) => spooled.inc(updates),
      change: (kind) => changes.inc({ kind }),
      retrying: (what, more) => retrying.inc({ what }, more),
      leading: (leads) => leading.set(Number(leads)),
    },
  };
}

/** Make what counts, on the page of `registry`. */
function makersIn(registry: Registry) {
  const registers = [registry];
  return {
    seconds: (name: string, help: string, labelNames: string[], buckets: number[]) =>
      new Histogram({ name, help, labelNames, buckets, registers }),
    counter: (name: string, help: string, labelNames: string[] = []) =>
      new Counter({ name, help, labelNames, registers }),
    gauge: (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({ name, help, labelNames, registers }),
  };
}
