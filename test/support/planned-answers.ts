import type { SinkKit } from '../contract/sink.ts';
import { createHttp } from '../../src/lib/http.ts';
import type { SinkAround } from '../../src/lib/sink-module.ts';
import { silence, startCaptureServer, status, type Answer, type CaptureServer } from './capture-server.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';

/** A server that answers as `usual` does, unless it has been told to answer the next requests otherwise. */
export interface PlannedServer extends CaptureServer, Pick<SinkKit, 'fail' | 'silence'> {
  /** The next request that nothing is planned for gets this answer. */
  plan(answer: Answer): void;
}

/** Starts it. */
export async function startPlannedServer(usual: Answer): Promise<PlannedServer> {
  const planned: Answer[] = [];
  const server = await startCaptureServer((response, request) =>
    (planned.shift() ?? usual)(response, request),
  );
  return {
    ...server,
    plan: (answer) => planned.push(answer),
    fail: (times) => planned.push(...Array.from({ length: times }, () => status(503))),
    silence: () => planned.push(silence),
  };
}

/** What sinks that only speak HTTP work with; the time is 2026-01-01T00:00:00Z and stands still. */
export function httpAround(): SinkAround {
  const clock = createFakeClock();
  const unused = (): never => {
    throw new Error('this sink does not speak to Kubernetes');
  };
  return {
    http: createHttp({ clock, timeoutMs: 10_000, retries: 2, minDelayMs: 0, userAgent: 'updatekate' }),
    ...{ clock, log: createFakeLog(), rest: { json: unused, lines: unused }, slack: undefined },
  };
}
