import type { RequestContext } from '@kubernetes/client-node';
import type { Clock } from '../core/ports.ts';

type Dispatcher = ReturnType<RequestContext['getDispatcher']>;

/** The one dispatcher that calls go through, for a while. */
export interface KeptDispatcher {
  /** The dispatcher to use in place of the one that client-node has just made. */
  insteadOf(made: Dispatcher): Dispatcher;
  /** Lets the next call have a new one; calls under way go on with the old. */
  drop(): void;
}

/** Certificates are renewed on disk long before they end; this long the old ones may still be used. */
const keepMs = 60_000;

/**
 * client-node makes a dispatcher for every call, and with it a connection and a TLS handshake: several times the
 * cost of the call. Keeping one lets calls find an open connection.
 */
export function createKeptDispatcher(clock: Clock): KeptDispatcher {
  let kept: { readonly dispatcher: Dispatcher; readonly until: number } | undefined;
  return {
    insteadOf(made) {
      const now = clock.now().getTime();
      if (!kept || kept.until <= now) kept = { dispatcher: made, until: now + keepMs };
      return kept.dispatcher;
    },
    drop() {
      kept = undefined;
    },
  };
}
