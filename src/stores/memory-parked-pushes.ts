import type { ParkedPushes } from '../core/ports.ts';
import type { Push } from '../core/registry.ts';

/** Keeps pushes as long as the process lives. */
export function createMemoryParkedPushes(): ParkedPushes {
  const kept = new Map<number, readonly Push[]>();
  let last = 0;
  return {
    keep(pushes) {
      const text = JSON.stringify(pushes);
      if (![...kept.values()].some((one) => JSON.stringify(one) === text)) kept.set(++last, pushes);
      return Promise.resolve();
    },
    all: () => Promise.resolve([...kept].map(([id, pushes]) => ({ id, pushes }))),
    remove(id) {
      kept.delete(id);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
