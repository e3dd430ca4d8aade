import { Lease, releasedRecord, type LeaseRecord } from '../core/election.ts';
import { hasCode } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { Rest } from '../core/rest.ts';

export interface LeaseObjectOptions {
  readonly rest: Rest;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  /** Who we are. */
  readonly identity: string;
}

/** The Lease in the cluster. Every write names the version it was made from: of two at once, one wins. */
export interface LeaseObject {
  /** @throws AppError as `Rest` does; `undefined` when there is none. */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** @throws AppError `conflict` when somebody was faster. */
  write(before: Lease | undefined, record: LeaseRecord, signal: AbortSignal): Promise<void>;
  /** Gives it up, if it is ours; says whether it was. */
  release(signal: AbortSignal): Promise<boolean>;
}

const query = { fieldManager: 'updatekate' };

/** Reads and writes one Lease. */
export function createLeaseObject(options: LeaseObjectOptions): LeaseObject {
  const { rest, clock, namespace, name, identity } = options;
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const path = `${leases}/${encodeURIComponent(name)}`;
  const object: LeaseObject = {
    async read(signal) {
      try {
        return Lease.parse(await rest.json({ method: 'GET', path }, signal));
      } catch (error) {
        if (hasCode(error, 'not-found')) return undefined;
        throw error;
      }
    },
    async write(before, record, signal) {
      // What others keep in it, labels or a strategy, stays.
      const body = before
        ? { ...before, spec: { ...before.spec, ...record } }
        : {
            ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name } },
            spec: record,
          };
      const call = before
        ? ({ method: 'PUT', path, query, body } as const)
        : ({ method: 'POST', path: leases, query, body } as const);
      await rest.json(call, signal);
    },
    async release(signal) {
      for (;;) {
        const lease = await object.read(signal);
        if (lease?.spec.holderIdentity !== identity) return false;
        try {
          await object.write(lease, releasedRecord(lease, clock.now()), signal);
          return true;
        } catch (error) {
          // A renewal of ours that was cut short has taken effect after all.
          if (!hasCode(error, 'conflict')) throw error;
        }
      }
    },
  };
  return object;
}
