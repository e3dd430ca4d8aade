import { hasCode } from '../../core/errors.ts';
import { placeId, type Place } from '../../core/watched-workloads.ts';
import type { KnownPlaces } from './known-places.ts';
import type { Ledger } from './ledger.ts';
import type { Ledgers } from './ledgers.ts';

/** Opens what is known of places, for whoever looks at them and at what is in them. */
export interface OpenPlaces {
  /** Its ledger. @throws AppError when it cannot be known what there is. */
  open(place: Place): Promise<Ledger>;
  /**
   * The same for one of the many in a place; `undefined` when it cannot be had now. Then the place alone says so, tries
   * again, and comes back to all that is in it.
   */
  ready(place: Place): Promise<Ledger | undefined>;
}

/** @param look has a place looked at, with all that is in it. */
export function createOpenPlaces(
  known: Pick<KnownPlaces, 'meet'>,
  ledgerOf: Ledgers,
  look: (place: Place) => void,
): OpenPlaces {
  const closed = new Set<string>();
  return {
    async open(place) {
      await known.meet(place);
      const ledger = await ledgerOf(place);
      closed.delete(placeId(place));
      return ledger;
    },
    async ready(place) {
      if (closed.has(placeId(place))) return undefined;
      try {
        if (await known.meet(place)) look(place);
        return await ledgerOf(place);
      } catch (error) {
        if (hasCode(error, 'not-leader')) throw error;
        closed.add(placeId(place));
        look(place);
        return undefined;
      }
    },
  };
}
