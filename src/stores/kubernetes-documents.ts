import { AppError, hasCode, messageOf } from '../core/errors.ts';
import type { Documents } from '../core/documents.ts';
import type { Rest, RestCall } from '../core/rest.ts';
import { documentName } from './document-name.ts';
import { explain } from './explain.ts';
import { group, isVersion, version } from './image-update.ts';
import { documentOf, journal, plural, revisionOf } from './journal.ts';

/** Documents that every replica has, and people with kubectl. */
export interface KubernetesDocuments extends Documents {
  /** @throws AppError `bad-config` when the custom resource is not installed, or may not be read. */
  check(signal: AbortSignal): Promise<void>;
}

/** Under this name the API server notes which fields are ours. A field that it does not know is an error. */
const query = { fieldManager: 'updatekate', fieldValidation: 'Strict' };
/** Nobody has written this one: only one that is named may be read. */
const nobodys = 'updatekate-check';

/** Keeps documents as Journal objects in `namespace`; written means, in etcd. Each call has the deadline of `rest`. */
export function createKubernetesDocuments(rest: Rest, namespace: string): KubernetesDocuments {
  const path = `/apis/${group}/${version}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  const pathOf = (name: string): string => `${path}/${documentName(name)}`;
  return {
    async check(signal) {
      try {
        await rest.json({ method: 'GET', path: pathOf(nobodys) }, signal);
      } catch (error) {
        if (isMissing(error, nobodys)) return;
        throw hasCode(error, 'forbidden') || hasCode(error, 'not-found')
          ? new AppError('bad-config', explain(error, plural), { cause: error })
          : error;
      }
    },
    async read(name, signal) {
      try {
        return await documentOf(await rest.json({ method: 'GET', path: pathOf(name) }, signal));
      } catch (error) {
        if (isMissing(error, name)) return undefined;
        throw explained(error);
      }
    },
    async write(name, text, revision, signal) {
      const isNew = revision === undefined;
      const call: RestCall = isNew ? { method: 'POST', path } : { method: 'PUT', path: pathOf(name) };
      if (!isNew && !isVersion(revision)) throw notAt(name, revision);
      const body = await journal(documentName(name), text, revision);
      try {
        return revisionOf(await rest.json({ ...call, query, body }, signal));
      } catch (error) {
        const isChanged = hasCode(error, 'conflict') || (!isNew && isMissing(error, name));
        throw isChanged ? notAt(name, revision, error) : explained(error);
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Whether it is the object that is not there, and not the whole collection. */
function isMissing(error: unknown, name: string): boolean {
  return hasCode(error, 'not-found') && messageOf(error).includes(`"${name}" not found`);
}

function notAt(name: string, revision = 'none', cause?: unknown): AppError {
  return new AppError('conflict', `kubernetes: document ${name} is not at revision ${revision}`, { cause });
}

/** What only a person can mend, in words for him. It can be read and written as soon as he has. */
function explained(error: unknown): unknown {
  const message = explain(error, plural);
  // An etcd that takes less than it usually does. The API server calls that a fault of its own, and it is none that passes.
  if (message.includes('request is too large')) return new AppError('too-large', message, { cause: error });
  if (hasCode(error, 'not-found')) return new AppError('unavailable', message, { cause: error });
  return hasCode(error, 'forbidden') ? new AppError('forbidden', message, { cause: error }) : error;
}
