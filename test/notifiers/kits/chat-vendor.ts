import { createHttp } from '../../../src/lib/http.ts';
import type { SinkAround, SinkModule } from '../../../src/lib/sink-module.ts';
import {
  hangUp,
  silence,
  startCaptureServer,
  status,
  type Answer,
  type CapturedRequest,
  type CaptureServer,
} from '../../support/capture-server.ts';
import type { SinkKit } from '../../contract/sink.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeLog } from '../../support/fake-log.ts';

/** What a vendor answers, and what people see of what it took. */
export interface Verdict {
  readonly answer: Answer;
  readonly shown?: string;
  readonly setOff?: readonly string[];
}

/** A vendor that shows every message it takes, the same one twice if it comes twice. */
export interface ChatVendor {
  readonly module: SinkModule;
  /** The settings of a sink that talks to `server`. */
  settings(server: string): unknown;
  readonly secrets: readonly string[];
  judge(request: CapturedRequest): Verdict;
  tooOften(retryAfterSeconds: number): Answer;
  readonly refused: Answer;
}

/** A kit, what came to its server, and answers of one's own. */
export interface ChatKit extends SinkKit {
  readonly requests: CaptureServer['requests'];
  /** The next request gets this answer, and nothing is shown. */
  next(answer: Answer): void;
}

/** Starts the vendor on a real socket, with the sink in front of it. */
export async function startChatKit(vendor: ChatVendor): Promise<ChatKit> {
  const mishaps: Answer[] = [];
  const shown: string[] = [];
  const setOff: string[] = [];
  const server = await startCaptureServer((response, request) => {
    const mishap = mishaps.shift();
    const verdict: Verdict = mishap ? { answer: mishap } : vendor.judge(request);
    if (verdict.shown !== undefined) shown.push(verdict.shown);
    setOff.push(...(verdict.setOff ?? []));
    verdict.answer(response, request);
  });
  const next = (answer: Answer): void => void mishaps.push(answer);
  return {
    ...{ sink: vendor.module.settings.parse(vendor.settings(server.url))(around()), secrets: vendor.secrets },
    ...{ requests: server.requests, shown: () => shown, setOff: () => setOff, next },
    refusePace: (seconds) => next(vendor.tooOften(seconds)),
    refuse: () => next(vendor.refused),
    fail: (times) => Array.from({ length: times }, (_, n) => next(n % 2 === 0 ? status(503) : hangUp)),
    silence: () => next(silence),
    close: () => server.close(),
  };
}

/** Such a sink has nothing to do with the cluster or Slack. */
function around(): SinkAround {
  const clock = createFakeClock();
  const http = createHttp({ clock, timeoutMs: 60_000, retries: 2, minDelayMs: 0, userAgent: 'updatekate' });
  const none = (): Promise<never> => Promise.reject(new Error('not for this sink'));
  return { http, clock, log: createFakeLog(), rest: { json: none, lines: none }, slack: undefined };
}
