import type { SinkModule } from '../../src/lib/sink-module.ts';
import type { SinkKit } from '../contract/sink.ts';
import {
  hangUp,
  silence,
  startCaptureServer,
  status,
  type Answer,
  type CapturedRequest,
  type CaptureServer,
} from './capture-server.ts';
import { httpAround } from './planned-answers.ts';

/** What the other side makes of a request: what it answers, and what people then see. */
export interface Judged {
  readonly answer: Answer;
  /** Of two with one id the later one is shown; one without is shown besides. */
  readonly shown?: { readonly id?: string; readonly text: string };
  readonly setOff?: readonly string[];
}

/** The other side of a sink that speaks HTTP. */
export interface Vendor {
  readonly module: SinkModule;
  /** The settings of a sink that talks to `server`. */
  settings(server: string): unknown;
  secrets(server: string): readonly string[];
  judge(request: CapturedRequest): Judged;
  tooOften(retryAfterSeconds: number): Answer;
  readonly refused: Answer;
}

/** A kit, what came to its server, and answers of one's own. */
export interface VendorKit extends SinkKit {
  readonly requests: CaptureServer['requests'];
  /** The next request gets this answer, and nothing comes of it. */
  next(answer: Answer): void;
}

/** Starts the other side on a real socket, with the sink in front of it. */
export async function startVendorKit(vendor: Vendor): Promise<VendorKit> {
  const planned: Answer[] = [];
  const shown = new Map<unknown, string>();
  const setOff: string[] = [];
  const server = await startCaptureServer((response, request) => {
    const instead = planned.shift();
    const judged: Judged = instead ? { answer: instead } : vendor.judge(request);
    if (judged.shown) shown.set(judged.shown.id ?? Symbol(), judged.shown.text);
    setOff.push(...(judged.setOff ?? []));
    judged.answer(response, request);
  });
  const next = (answer: Answer): void => void planned.push(answer);
  return {
    sink: vendor.module.settings.parse(vendor.settings(server.url))(httpAround()),
    secrets: vendor.secrets(server.url),
    requests: server.requests,
    shown: () => [...shown.values()],
    ...{ setOff: () => setOff, next },
    refusePace: (seconds) => next(vendor.tooOften(seconds)),
    refuse: () => next(vendor.refused),
    fail: (times) => Array.from({ length: times }, (_, n) => next(n % 2 === 0 ? status(503) : hangUp)),
    silence: () => next(silence),
    close: () => server.close(),
  };
}

/** The JSON of a body; undefined when it is none. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
