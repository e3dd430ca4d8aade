/** Has changes of one thing written: those that come while it is being written go together, in order, in the next write. */
export type Batched<T> = (change: (before: T) => T) => Promise<void>;

interface Waiting<T> {
  readonly change: (before: T) => T;
  readonly done: PromiseWithResolvers<undefined>;
}

/**
 * @param write gets all changes in one, and puts their result where a crash does not lose it. When it rejects, so do all
 *   that were in it, and the next ones begin with what there is then.
 */
export function createBatched<T>(write: (change: (before: T) => T) => Promise<void>): Batched<T> {
  let waiting: Waiting<T>[] = [];
  let writing = false;
  const pump = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const all = (before: T): T => batch.reduce((value, { change }) => change(value), before);
      await write(all).then(
        () => batch.forEach(({ done }) => done.resolve(undefined)),
        (error: unknown) => batch.forEach(({ done }) => done.reject(error)),
      );
    }
    writing = false;
  };
  return (change) => {
    const done = Promise.withResolvers<undefined>();
    waiting.push({ change, done });
    void pump();
    return done.promise;
  };
}
