import { hasCode, messageOf } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import type { ListWatchHandler } from '../core/rest.ts';
import { explain } from './explain.ts';
import type { FirstList } from './first-list.ts';
import { isReadable, plural, readImageUpdate, type ImageUpdate } from './image-update.ts';
import type { OwnWrites } from './own-writes.ts';
import type { UpdateCopy } from './update-copy.ts';

export interface HandlerOptions {
  readonly namespace: string;
  readonly log: Log;
  readonly copy: UpdateCopy;
  readonly firstList: FirstList;
  /** Tells a person of a record that cannot be read. */
  noteReadable(one: ImageUpdate): boolean;
  readonly ownWrites: OwnWrites;
  alive(alive: boolean): void;
}

/** Keeps the copy current with what list and watch tell. */
export function createImageUpdateHandler(options: HandlerOptions): ListWatchHandler<ImageUpdate> {
  const { namespace, log, copy, firstList, ownWrites, noteReadable } = options;
  let isListed = false;
  let problem: string | undefined;
  return {
    read(object) {
      try {
        const one = readImageUpdate(object);
        noteReadable(one);
        return one;
      } catch (error) {
        log.error({ namespace, reason: messageOf(error) }, 'the API server sent no ImageUpdate');
        return undefined;
      }
    },
    replaced(items, version) {
      const news = copy.replaced(items, version);
      log.info({ namespace, updates: items.length }, 'updates listed');
      firstList.arrived();
      if (isListed) news.forEach((name) => ownWrites.heard(name, copy.get(name)?.version));
      isListed = true;
    },
    changed(type, one) {
      if (copy.changed(type, one)) ownWrites.heard(one.name, one.version);
    },
    alive(alive, error) {
      options.alive(alive);
      const before = problem;
      problem = alive ? undefined : explain(error, plural);
      if (problem === undefined) return;
      firstList.failed(problem);
      // That it is tried again is said by the watch; this is what nobody else says, and only a person can mend.
      if (hasCode(error, 'not-found') && problem !== before)
        log.error({ namespace, reason: problem }, 'the updates cannot be listed');
    },
  };
}

/** Says of each record that cannot be read so once, and once more when it has been mended and broken again. */
export function createReadableNotes(namespace: string, log: Log): (one: ImageUpdate) => boolean {
  const noted = new Set<string>();
  return (one) => {
    if (isReadable(one)) {
      noted.delete(one.name);
      return true;
    }
    const { name, update: reason } = one;
    if (!noted.has(name)) log.error({ namespace, update: name, reason }, 'an update cannot be read');
    noted.add(name);
    return false;
  };
}
