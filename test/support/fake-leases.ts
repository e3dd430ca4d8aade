import { AppError } from '../../src/core/errors.ts';
import type { Rest, RestCall } from '../../src/core/rest.ts';

/** A Lease as it is stored. */
export interface StoredLease {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly resourceVersion: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One Lease behind the rules of an API server: names are unique, and a write names the version it was made from. */
export interface FakeLeases {
  /** What a call gives when it reaches the server. @throws AppError */
  handle(call: RestCall): unknown;
  /** The API for a client whom nothing befalls but what `passes` makes of its calls. */
  rest(passes?: (call: RestCall, signal: AbortSignal, handle: () => unknown) => Promise<unknown>): Rest;
  lease(): StoredLease | undefined;
  /** Changes the Lease as someone else would; `undefined` deletes it. */
  put(lease: Omit<StoredLease, 'metadata'> | undefined): void;
  /** Every write that took effect, as `POST holder`. */
  readonly writes: readonly string[];
}

/** A server without a Lease, or with this one. */
export function createFakeLeases(spec?: StoredLease['spec']): FakeLeases {
  const writes: string[] = [];
  let stored: StoredLease | undefined;
  let version = 0;
  const save = (metadata: object, lease: Pick<StoredLease, 'spec'>): StoredLease => {
    stored = { ...lease, metadata: { ...metadata, resourceVersion: String(++version) } };
    return stored;
  };
  const fake: FakeLeases = {
    writes,
    lease: () => stored,
    put(lease) {
      if (lease) save(stored?.metadata ?? { name: 'updatekate' }, lease);
      else stored = undefined;
    },
    handle({ method, body }) {
      const next = { spec: {}, ...(body as Partial<StoredLease>) } as StoredLease;
      if (method === 'POST' && stored) throw new AppError('conflict', 'it exists');
      if (method !== 'POST' && !stored) throw new AppError('not-found', 'there is none');
      if (method === 'GET') return stored;
      if (method === 'DELETE') {
        stored = undefined;
        return {};
      }
      if (method === 'PUT' && next.metadata.resourceVersion !== stored?.metadata.resourceVersion) {
        throw new AppError('conflict', 'it was changed');
      }
      // What changes nothing makes no new version.
      if (JSON.stringify(next) === JSON.stringify(stored)) return stored;
      writes.push(`${method} ${String(next.spec.holderIdentity)}`);
      return save(next.metadata, next);
    },
    rest: (passes = (_call, _signal, handle) => Promise.resolve(handle())) => ({
      json: async (call, signal) => {
        signal.throwIfAborted();
        return passes(call, signal, () => fake.handle(call));
      },
      lines: () => Promise.reject(new AppError('internal', 'leases are not watched')),
    }),
  };
  if (spec) fake.put({ spec });
  return fake;
}

/** Never answers, until the caller gives up. */
export function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new AppError('timeout', 'no answer')), { once: true }),
  );
}
