import type { EmbeddedClock } from './clock.ts';
import type { State } from './state.ts';

/** What the controllers need of the cluster they run. */
export interface Cluster {
  readonly state: State;
  readonly clock: Pick<EmbeddedClock, 'now'>;
  /** A new unique id at every call. */
  readonly uid: () => string;
}

/** Which object is meant: where it is, and that it is no later one of the same name. */
export interface Place {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}
