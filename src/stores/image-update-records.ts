import { AppError, hasCode } from '../core/errors.ts';
import type { Store, Stored } from '../core/ports.ts';
import type { Update } from '../core/update.ts';
import type { ImageUpdateCalls } from './image-update-calls.ts';
import { isReadable, isVersion, type ImageUpdate, type ReadableImageUpdate } from './image-update.ts';
import type { OwnWrites } from './own-writes.ts';
import { createTurns } from '../core/turns.ts';
import type { UpdateCopy } from './update-copy.ts';
import { toStored } from './update-shelves.ts';

export interface RecordsOptions {
  readonly calls: ImageUpdateCalls;
  readonly copy: UpdateCopy;
  readonly ownWrites: OwnWrites;
  /** Tells a person of a record that cannot be read; whether it can. */
  noteReadable(one: ImageUpdate): boolean;
  /** Makes the mark of a write, another at every call. */
  mark(): string;
}

/** The part of a store that is about one record at a time. */
export type Records = Pick<Store, 'create' | 'get' | 'replace' | 'remove'>;

/** More at a time make each wait longer and all together no faster. */
const createsAtOnce = 32;
/** A record that comes and goes between two calls so often is more than bad luck. */
const createAttempts = 3;

/** Reads the copy, and of the server what the copy lacks; writes to the server, and what it answers to the copy. */
export function createRecords(options: RecordsOptions): Records {
  const { calls, copy, ownWrites, noteReadable, mark } = options;
  const turns = createTurns(createsAtOnce);
  const get = async (name: string): Promise<Stored | undefined> => {
    const known = copy.get(name);
    if (known) return toStored(known);
    const one = await calls.read(name);
    return one && noteReadable(one) ? readable(learn(copy, one)) : undefined;
  };
  return {
    get,
    async create(updates) {
      const begun = new Map<string, ReturnType<typeof createOne>>();
      const answers = updates.map((update) => {
        const first = begun.get(update.name);
        if (first) return first.then((one) => ({ ...one, created: false }));
        const creation = turns(() => createOne(options, update));
        begun.set(update.name, creation);
        return creation;
      });
      // After a rejection nothing is under way any more.
      await Promise.allSettled(answers);
      return Promise.all(answers);
    },
    async replace(update, revision) {
      if (!isVersion(revision)) throw notAt(update.name, revision);
      const known = copy.get(update.name);
      try {
        return readable(
          await ownWrites.during(update.name, async () =>
            learn(copy, await calls.change(update, revision, mark())),
          ),
        );
      } catch (error) {
        await correct(options, error, known, revision);
        throw error;
      }
    },
    async remove(name, revision) {
      const known = copy.get(name);
      if (!isVersion(revision)) {
        if (await get(name)) throw notAt(name, revision);
        return;
      }
      try {
        await calls.remove(name, { resourceVersion: revision, ...(known ? { uid: known.uid } : {}) });
        copy.forget(known);
      } catch (error) {
        await correct(options, error, known, revision);
        throw error;
      }
    },
  };
}

/** Takes what the server answered into the copy. */
function learn(copy: UpdateCopy, one: ImageUpdate): ImageUpdate {
  copy.learn(one);
  return one;
}

/** @throws AppError `invalid` when the record cannot be read. */
function readable(one: ImageUpdate): Stored {
  if (isReadable(one)) return toStored(one);
  const { name, update } = one;
  throw new AppError('invalid', `kubernetes: update ${name} cannot be read: ${update as string}`);
}

async function createOne(
  { calls, copy, ownWrites }: RecordsOptions,
  update: Update,
): Promise<Stored & { readonly created: boolean }> {
  for (let attempt = 0; attempt < createAttempts; attempt++) {
    const made = await ownWrites.during(update.name, async () => {
      const one = await calls.create(update);
      return one && learn(copy, one);
    });
    if (made) return { ...readable(made), created: true };
    const known = copy.get(update.name);
    if (known) return { ...toStored(known), created: false };
    const found = await calls.read(update.name);
    if (found) return { ...readable(learn(copy, found)), created: false };
  }
  throw new AppError('unavailable', `kubernetes: update ${update.name} comes and goes`);
}

/** Puts the copy right when it is what led to a refusal: who reads it again would ask for the same again. */
async function correct(
  { calls, copy }: RecordsOptions,
  error: unknown,
  known: ReadableImageUpdate | undefined,
  revision: string,
): Promise<void> {
  if (hasCode(error, 'not-found')) copy.forget(known);
  const isMisled = known?.version === revision && copy.get(known.name) === known;
  if (!hasCode(error, 'conflict') || !isMisled) return;
  const found = await calls.read(known.name);
  if (found) copy.learn(found);
  else copy.forget(known);
}

function notAt(name: string, revision: string): AppError {
  return new AppError('conflict', `kubernetes: update ${name} is not at revision ${revision}`);
}
