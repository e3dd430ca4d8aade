import type { SinkKit } from '../contract/sink.ts';
import { createHttp } from '../../src/lib/http.ts';
import type { SinkAround, SinkModule } from '../../src/lib/sink-module.ts';
import { secretText } from '../../src/core/secret-text.ts';
import {
  silence,
  startCaptureServer,
  status,
  type Answer,
  type CapturedRequest,
  type CaptureServer,
} from './capture-server.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';

/** What the other side makes of a request: what it answers, and what people then see, by the message's id. */
export interface Judged {
  readonly answer: Answer;
  readonly shown?: { readonly id: string; readonly text: string };
  readonly setOff?: readonly string[];
}

/** The other side of a sink whose only setting is the URL of a webhook. */
export interface Vendor {
  readonly module: SinkModule;
  /** The URL as people copy it, at this server. */
  url(server: string): string;
  readonly secrets: readonly string[];
  judge(request: CapturedRequest): Judged;
  tooOften(retryAfterSeconds: number): Answer;
  readonly refused: Answer;
}

/** A kit, and what came to its server. */
export interface WebhookKit extends SinkKit {
  readonly requests: CaptureServer['requests'];
  /** The next request gets this answer, and nothing comes of it. */
  next(answer: Answer): void;
}

/** Starts the other side on a real socket, with the sink in front of it. */
export async function startWebhookKit(vendor: Vendor): Promise<WebhookKit> {
  const next: Answer[] = [];
  const shown = new Map<string, string>();
  const setOff: string[] = [];
  const server = await startCaptureServer((response, request) => {
    const instead = next.shift();
    const judged: Judged = instead ? { answer: instead } : vendor.judge(request);
    if (judged.shown) shown.set(judged.shown.id, judged.shown.text);
    setOff.push(...(judged.setOff ?? []));
    judged.answer(response, request);
  });
  const url = vendor.url(server.url);
  const open = vendor.module.settings.parse({ url: secretText(url) });
  return {
    sink: open(around()),
    secrets: [url, ...vendor.secrets],
    requests: server.requests,
    shown: () => [...shown.values()],
    setOff: () => setOff,
    next: (answer) => void next.push(answer),
    refusePace: (seconds) => void next.push(vendor.tooOften(seconds)),
    refuse: () => void next.push(vendor.refused),
    fail: (times) => void next.push(...Array.from({ length: times }, () => status(503))),
    silence: () => void next.push(silence),
    close: () => server.close(),
  };
}

/** These sinks have nothing to do with the cluster or Slack. */
function around(): SinkAround {
  const clock = createFakeClock();
  const http = createHttp({ clock, timeoutMs: 5000, retries: 0, minDelayMs: 1, userAgent: 'test' });
  const none = (): Promise<never> => Promise.reject(new Error('not for this sink'));
  return { http, clock, log: createFakeLog(), rest: { json: none, lines: none }, slack: undefined };
}

/** The JSON of a body; undefined when it is none. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
