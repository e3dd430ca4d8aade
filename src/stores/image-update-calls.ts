import { AppError, hasCode } from '../core/errors.ts';
import type { Rest, RestCall } from '../core/rest.ts';
import type { Update } from '../core/update.ts';
import { explain } from './explain.ts';
import {
  changedImageUpdate,
  group,
  newImageUpdate,
  plural,
  readImageUpdate,
  version,
  type ImageUpdate,
} from './image-update.ts';

/** The calls of the API that a store is made of. All throw AppError; each has the deadline of `rest`. */
export interface ImageUpdateCalls {
  /** The collection in the namespace. */
  readonly path: string;
  /** @throws AppError `bad-config` when the custom resource is not installed, or may not be listed. */
  check(signal: AbortSignal): Promise<void>;
  read(name: string): Promise<ImageUpdate | undefined>;
  /** `undefined` when there is one of that name. */
  create(update: Update): Promise<ImageUpdate | undefined>;
  /** @throws AppError `conflict`, `not-found`. */
  change(update: Update, version: string, writtenBy: string): Promise<ImageUpdate>;
  /** Whether there was one. @throws AppError `conflict`. */
  remove(name: string, preconditions: Preconditions): Promise<boolean>;
}

/** Which object it must still be to be removed. */
export interface Preconditions {
  readonly resourceVersion: string;
  readonly uid?: string;
}

/** Under this name the API server notes which fields are ours. A field that it does not know is an error. */
const query = { fieldManager: 'updatekate', fieldValidation: 'Strict' };
/** A name that the server may have; no other may become part of a path. */
const nameForm = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** The calls on ImageUpdates in `namespace`. */
export function createImageUpdateCalls(rest: Rest, namespace: string): ImageUpdateCalls {
  const path = `/apis/${group}/${version}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  // What a caller waits for has been decided: rest's own deadline ends it, and nothing else.
  const never = new AbortController().signal;
  const send = async (call: RestCall): Promise<ImageUpdate> => {
    const object = await rest.json(call, never);
    try {
      return readImageUpdate(object);
    } catch (cause) {
      throw new AppError('unavailable', `kubernetes: ${call.method} ${call.path}: no ImageUpdate`, { cause });
    }
  };
  return {
    path,
    async check(signal) {
      try {
        await rest.json({ method: 'GET', path, query: { limit: '1' } }, signal);
      } catch (error) {
        throw hasCode(error, 'forbidden') || hasCode(error, 'not-found')
          ? new AppError('bad-config', explain(error, plural), { cause: error })
          : error;
      }
    },
    async read(name) {
      if (!nameForm.test(name)) return undefined;
      return await orUndefined(send({ method: 'GET', path: `${path}/${name}` }), 'not-found');
    },
    async create(update) {
      const call: RestCall = { method: 'POST', path, query, body: newImageUpdate(update) };
      try {
        return await orUndefined(send(call), 'conflict');
      } catch (error) {
        // Neither is the record's fault: it can be written as soon as somebody has installed what is missing.
        if (hasCode(error, 'not-found'))
          throw new AppError('unavailable', explain(error, plural), { cause: error });
        throw error;
      }
    },
    async change(update, resourceVersion, writtenBy) {
      if (!nameForm.test(update.name))
        throw new AppError('not-found', `kubernetes: no update ${update.name}`);
      const body = changedImageUpdate(update, resourceVersion, writtenBy);
      return send({ method: 'PUT', path: `${path}/${update.name}/status`, query, body });
    },
    async remove(name, preconditions) {
      if (!nameForm.test(name)) return false;
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      const removed = rest.json({ method: 'DELETE', path: `${path}/${name}`, body }, never);
      return (
        (await orUndefined(
          removed.then(() => true),
          'not-found',
        )) ?? false
      );
    },
  };
}

async function orUndefined<T>(work: Promise<T>, code: 'conflict' | 'not-found'): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, code)) return undefined;
    throw error;
  }
}
