import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, messageOf } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import type { Answer, Call } from './sqlite-thread.ts';

/** A thread that carries out calls, and what waits for it. */
interface Thread {
  ask(method: Call['method'], args: readonly unknown[]): Promise<unknown>;
  /** Resolves when it has ended. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * The store of `createSqliteStore` in a thread of its own: while a disk syncs, which takes from a millisecond to
 * a good part of a second, this one goes on answering. A thread that dies fails the calls it had, and the next
 * call starts another on the same file.
 *
 * @throws AppError `bad-config` when the folder cannot be written or holds another version's file.
 */
export async function openThreadedSqlite(folder: string): Promise<Store> {
  let thread: Thread | undefined;
  const ask = (method: Call['method'], args: readonly unknown[]): Promise<unknown> => {
    thread ??= startThread(folder, () => {
      thread = undefined;
    });
    return thread.ask(method, args);
  };
  const calling =
    <M extends keyof Store>(method: M) =>
    (...args: Parameters<Store[M]>) =>
      ask(method, args) as ReturnType<Store[M]>;
  await ask('get', ['']).catch((cause: unknown) => {
    throw new AppError('bad-config', messageOf(cause), { cause });
  });
  return {
    create: calling('create'),
    get: calling('get'),
    replace: calling('replace'),
    remove: calling('remove'),
    open: calling('open'),
    ofWorkload: calling('ofWorkload'),
    async close() {
      const last = thread;
      if (!last) return;
      await last.ask('close', []);
      await last.ended;
    },
  };
}

function startThread(folder: string, gone: () => void): Thread {
  // Beside this file, in whichever form that runs: source or built.
  const file = new URL(`./sqlite-thread${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: folder, name: 'sqlite' });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let lastId = 0;
  // Idle, it keeps no process alive, as an open file keeps none; once it is to end, its end is waited for.
  let closing = false;
  let fault: Error | undefined;
  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('value' in answer) asked?.resolve(answer.value);
    else asked?.reject(new AppError(answer.code, answer.message));
    if (waiting.size === 0 && !closing) worker.unref();
  });
  worker.on('error', (error) => (fault = error as Error));
  worker.on('exit', (code) => {
    gone();
    const why = fault === undefined ? `sqlite: its thread ended (${code})` : messageOf(fault);
    const cause = new AppError('unavailable', why, { cause: fault });
    for (const asked of waiting.values()) asked.reject(cause);
  });
  return {
    ended,
    ask(method, args) {
      closing ||= method === 'close';
      worker.ref();
      const asked = Promise.withResolvers<unknown>();
      waiting.set(++lastId, asked);
      worker.postMessage({ id: lastId, method, args } satisfies Call);
      return asked.promise;
    },
  };
}
