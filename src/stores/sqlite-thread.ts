import { parentPort, workerData } from 'node:worker_threads';
import { AppError, messageOf } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { createSqliteStore } from './sqlite.ts';

/** One call of the store, on its way to the thread. */
export interface Call {
  readonly id: number;
  readonly method: keyof Store;
  readonly args: readonly unknown[];
}

/** What came of it, on its way back. Errors cannot travel whole: their code does. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: AppError['code']; readonly message: string };

/** The thread itself: carries out what it is told, until the store is closed. */
function serve(port: NonNullable<typeof parentPort>, store: Store): void {
  port.on('message', ({ id, method, args }: Call) => {
    const work = store[method] as (...args: readonly unknown[]) => Promise<unknown>;
    const say = (answer: Answer): void => port.postMessage(answer);
    void work(...args)
      .then((value) => say({ id, value }))
      .catch((error: unknown) => {
        const code = error instanceof AppError ? error.code : 'internal';
        say({ id, code, message: messageOf(error) });
      })
      .finally(() => {
        if (method === 'close') port.close();
      });
  });
}

// On the main thread there is no port, and nothing to do.
if (parentPort) serve(parentPort, createSqliteStore(String(workerData)));
