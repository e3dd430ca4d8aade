import { expect } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Notice } from '../../src/core/notice.ts';
import type { SinkAround, SinkModule } from '../../src/lib/sink-module.ts';
import { aMessage, type SinkKit } from '../contract/sink.ts';
import {
  hangUp,
  silence,
  startCaptureServer,
  status,
  type Answer,
  type CapturedRequest,
  type CaptureServer,
} from './capture-server.ts';
import { sinkAround } from './sink-around.ts';

/** What the other side makes of a request: what it answers, and what people then see. */
export interface Judged {
  readonly answer: Answer;
  /** Of two with one id the later one is shown; one without is shown besides. */
  readonly shown?: { readonly id?: string; readonly text: string };
  readonly setOff?: readonly string[];
}

/** The other side of a sink that speaks HTTP. */
export interface Vendor extends Pick<SinkKit, 'room'>, Partial<Pick<SinkKit, 'shows'>> {
  readonly module: SinkModule;
  /** The settings of a sink that talks to `server`. */
  settings(server: string): unknown;
  /** What it works with besides the usual things. */
  readonly around?: Partial<SinkAround>;
  secrets(server: string): readonly string[];
  judge(request: CapturedRequest): Judged;
  tooOften(retryAfterSeconds: number): Answer;
  readonly refused: Answer;
}

/** A kit, what is sent with it, what came to its server, and answers of one's own. */
export interface VendorKit extends SinkKit {
  /** Sends a message of a notice that is so far different. */
  send(different?: Partial<Notice>): Promise<void>;
  /** The same, with this text. */
  say(text: string, different?: Partial<Notice>): Promise<void>;
  readonly requests: CaptureServer['requests'];
  /** Of the last request; empty when there was none. */
  body(): string;
  /** The next request gets this answer, and nothing comes of it. */
  next(answer: Answer): void;
}

const { signal } = new AbortController();

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
  const { module, room, shows = () => true, tooOften, refused } = vendor;
  const { requests, url } = server;
  const next = (answer: Answer): void => void planned.push(answer);
  const sink = module.settings.parse(vendor.settings(url))(sinkAround(vendor.around));
  return {
    ...{ sink, secrets: vendor.secrets(url), requests, room, shows },
    send: (different) => sink.send(aMessage(different), signal),
    say: (text, different) => sink.send({ ...aMessage(different), text }, signal),
    body: () => requests.at(-1)?.body ?? '',
    shown: () => [...shown.values()],
    setOff: () => setOff,
    sent: () => JSON.stringify(requests),
    next,
    refusePace: (seconds) => next(tooOften(seconds)),
    refuse: () => next(refused),
    fail: (times) => Array.from({ length: times }, (_, n) => next(n % 2 === 0 ? status(503) : hangUp)),
    silence: () => next(silence),
    close: () => server.close(),
  };
}

/** What the sink throws when it gets this answer. */
export async function refusedWith(
  { send, next }: VendorKit,
  ...answers: readonly Answer[]
): Promise<Pick<AppError, 'code' | 'message' | 'retryAfterMs'>> {
  answers.forEach(next);
  const error: unknown = await send().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AppError);
  const { code, message, retryAfterMs } = error as AppError;
  return { code, message, retryAfterMs };
}

/** What is wrong with settings; undefined when nothing is. */
export function problemsIn({ settings }: SinkModule, given: unknown): readonly string[] | undefined {
  return settings.safeParse(given).error?.issues.map(({ message }) => message);
}

/** The same, each with its place. */
export function faultsIn({ settings }: SinkModule, given: unknown): readonly string[] {
  const { issues = [] } = settings.safeParse(given).error ?? {};
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** The JSON of a body; undefined when it is none. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
