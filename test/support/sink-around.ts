import { createHttp } from '../../src/lib/http.ts';
import type { SinkAround } from '../../src/lib/sink-module.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';

/** What sinks work with: HTTP, no Kubernetes, no Slack. The time is 2026-01-01T00:00:00Z and stands still. */
export function sinkAround(different: Partial<SinkAround> = {}): SinkAround {
  const { clock = createFakeClock() } = different;
  return {
    http: createHttp({ clock, timeoutMs: 10_000, retries: 2, minDelayMs: 0, userAgent: 'updatekate' }),
    ...{ clock, log: createFakeLog(), slack: undefined },
    restOf(cluster) {
      throw new Error(`this sink does not speak to the cluster ${cluster}`);
    },
    ...different,
  };
}
