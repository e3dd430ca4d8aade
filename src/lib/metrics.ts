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
  const histogram = (name: string, help: string, labelNames: string[], buckets: number[]): Histogram =>
    new Histogram({ name, help, labelNames, buckets, registers: [registry] });
  const webhook = histogram(
    'updatekate_webhook_duration_seconds',
    'Time from a webhook to its answer.',
    ['source', 'status'],
    fast,
  );
  const delivery = histogram(
    'updatekate_delivery_duration_seconds',
    'Time one try to deliver took.',
    ['result'],
    fast,
  );
  const rollout = histogram(
    'updatekate_rollout_duration_seconds',
    'Time from delivery to the end of the rollout.',
    ['result'],
    slow,
  );
  const announcement = histogram(
    'updatekate_announcement_duration_seconds',
    'Time one try to tell a receiver took.',
    ['result'],
    fast,
  );
  const decisions = new Counter({
    name: 'updatekate_decisions_total',
    help: 'Tags considered, by verdict and reason.',
    labelNames: ['verdict', 'reason'],
    registers: [registry],
  });
  const watch = new Gauge({
    name: 'updatekate_watch_alive',
    help: '1 while the watch of a cluster delivers.',
    labelNames: ['cluster'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    metrics: {
      webhook: (source, status, seconds) => webhook.observe({ source, status }, seconds),
      decision: ({ verdict, reason }) => decisions.inc({ verdict, reason: reason ?? '' }),
      delivery: (result, seconds) => delivery.observe({ result }, seconds),
      rollout: (result, seconds) => rollout.observe({ result }, seconds),
      announcement: (result, seconds) => announcement.observe({ result }, seconds),
      watch: (cluster, alive) => watch.set({ cluster }, Number(alive)),
    },
  };
}
