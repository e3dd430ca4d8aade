import { setImmediate } from 'node:timers/promises';
import { AppError, type ErrorCode } from '../../src/core/errors.ts';
import type { ListWatchHandler, Rest, RestCall } from '../../src/core/rest.ts';
import { changedImageUpdate, newImageUpdate, type ImageUpdate } from '../../src/stores/image-update.ts';
import { createKubernetesStore, type KubernetesStore } from '../../src/stores/kubernetes.ts';
import type { Update } from '../../src/core/update.ts';
import { anUpdate } from '../support/builders.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createFakeLog, type LoggedLine } from '../support/fake-log.ts';

/** A store over an API server that answers, and tells of changes, when the test says so. */
export interface FakeApi {
  readonly store: KubernetesStore;
  readonly clock: FakeClock;
  readonly lines: readonly LoggedLine[];
  /** What `changed` was told. */
  readonly changes: readonly string[];
  /** Every call so far, `PUT up-1`. */
  readonly calls: readonly string[];
  /** The signal that ends the watch. */
  watch(): AbortSignal;
  /** Answers the oldest call that waits, and lets the store act on it. */
  answer(object: unknown): Promise<void>;
  refuse(code: ErrorCode, message?: string): Promise<void>;
  list(version: number, ...objects: readonly unknown[]): void;
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: unknown): void;
  alive(alive: boolean, error?: unknown): void;
}

export const path = '/apis/updatekate.dev/v1alpha1/namespaces/own/imageupdates';

/** The object of an update as the server has it: through JSON, which drops what is undefined. */
export function stored(version: number, update: Partial<Update> = {}, uid = 'uid-1'): object {
  const whole = anUpdate({ name: 'up-1', ...update });
  const [created, changed] = [newImageUpdate(whole), changedImageUpdate(whole, '1', 'other.1')];
  const { name } = whole;
  const metadata = { name, uid, resourceVersion: String(version) };
  return JSON.parse(JSON.stringify({ ...(created as object), ...(changed as object), metadata })) as object;
}

/** Takes it that this will be rejected: who looks at it does so later. */
export function willFail<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** Opens the store; with `listed` an empty list has come, at version 1. */
export function openFakeApi({ listed = true } = {}): FakeApi {
  const [clock, log] = [createFakeClock(), createFakeLog()];
  const waiting: PromiseWithResolvers<unknown>[] = [];
  const [calls, changes]: [string[], string[]] = [[], []];
  let handler: ListWatchHandler<ImageUpdate> | undefined;
  let watch = new AbortController().signal;
  const rest: Rest = {
    json(call: RestCall) {
      calls.push(`${call.method} ${call.path.replace(path, '').slice(1)}`.trimEnd());
      const answer = Promise.withResolvers<unknown>();
      waiting.push(answer);
      return answer.promise;
    },
    lines: () => Promise.reject(new Error('the store leaves streams to listWatch')),
  };
  const store = createKubernetesStore({
    ...{ rest, clock, log, namespace: 'own', uid: () => 'me' },
    listWatch(_path, given, signal) {
      handler = given as unknown as ListWatchHandler<ImageUpdate>;
      watch = signal;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
    changed: (name) => changes.push(name),
    alive: () => undefined,
  });
  void store.run(new AbortController().signal);
  const oldest = (): PromiseWithResolvers<unknown> => {
    const call = waiting.shift();
    if (!call) throw new Error('no call waits');
    return call;
  };
  const api: FakeApi = {
    ...{ store, clock, lines: log.lines, changes, calls, watch: () => watch },
    async answer(object) {
      await setImmediate();
      oldest().resolve(object);
      await setImmediate();
    },
    async refuse(code, message = `the API server says ${code}`) {
      await setImmediate();
      oldest().reject(new AppError(code, message));
      await setImmediate();
    },
    list(version, ...objects) {
      const read = objects.flatMap((object) => handler?.read(object) ?? []);
      handler?.replaced(read, String(version));
    },
    event(type, object) {
      const read = handler?.read(object);
      if (read) handler?.changed(type, read);
    },
    alive: (alive, error) => handler?.alive(alive, error),
  };
  if (listed) api.list(1);
  return api;
}
