import { performance } from 'node:perf_hooks';
import type { ApiCall } from './api-call.ts';

/** A write that a replica sent to the API server. */
export interface Write {
  readonly call: ApiCall;
  readonly sentAtMs: number;
  /** The API server's status; `unknown` when the connection broke before there was one. */
  readonly outcome: number | 'pending' | 'unknown';
}

/** Every write that reached the API server, in the order it was sent on. */
export interface Journal {
  readonly writes: () => readonly Write[];
  /** Notes a write that is being sent on; the function returned notes how it ended. */
  sent(call: ApiCall): (outcome: number | 'unknown') => void;
}

export function createJournal(): Journal {
  const writes: Write[] = [];
  return {
    writes: () => writes,
    sent(call) {
      const write: Write = { call, sentAtMs: performance.now(), outcome: 'pending' };
      const at = writes.push(write) - 1;
      return (outcome) => {
        writes[at] = { ...write, outcome };
      };
    },
  };
}

export function isAccepted({ outcome }: Write): boolean {
  return typeof outcome === 'number' && outcome >= 200 && outcome < 300;
}
