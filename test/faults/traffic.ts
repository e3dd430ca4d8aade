import type { Random } from '../support/random.ts';
import { tagOf } from './tags.ts';

/** Why a push is sent. */
export type PushKind = 'new' | 'duplicate' | 'older' | 'swapped' | 'late';

/** One push that is to be sent. */
export interface PlannedPush {
  readonly deployment: string;
  readonly tag: string;
  readonly kind: PushKind;
  /** How long after its turn it is sent. */
  readonly delayMs: number;
}

/** Shares of the kinds; what is missing from 1 is `new`. */
export type Mix = Readonly<Partial<Record<Exclude<PushKind, 'new'>, number>>>;

export const calmMix: Mix = { duplicate: 0.15, older: 0.05, swapped: 0.05, late: 0.05 };
export const messyMix: Mix = { duplicate: 0.3, older: 0.2, swapped: 0.2, late: 0.2 };

/** What a registry sends, one turn after the other, for Deployments whose flavour (`''`, `-broken`) is given. */
export interface Traffic {
  /** The pushes of the next turn: one, or two that come in the wrong order. */
  next(mix: Mix): readonly PlannedPush[];
  /** The next version of this Deployment. */
  newTag(deployment: string): string;
}

const latestMs = 3000;

export function createTraffic(flavours: ReadonlyMap<string, string>, random: Random): Traffic {
  const highest = new Map<string, number>();
  const names = [...flavours.keys()];
  const tag = (deployment: string, number: number): string =>
    tagOf({ number, flavour: flavours.get(deployment) ?? '' });
  /** Some numbers are left out, so that an older tag may also be one that was never pushed. */
  const raise = (deployment: string): number => {
    const number = (highest.get(deployment) ?? 0) + random.between(1, 3);
    highest.set(deployment, number);
    return number;
  };
  return {
    newTag: (deployment) => tag(deployment, raise(deployment)),
    next(mix) {
      const deployment = random.pick(names);
      const kind = pickKind(mix, random.next());
      const before = highest.get(deployment) ?? 0;
      const planned = (number: number, delayMs = 0): PlannedPush => ({
        ...{ deployment, kind, delayMs },
        tag: tag(deployment, number),
      });
      switch (kind) {
        case 'new':
          return [planned(raise(deployment))];
        case 'duplicate':
          return [planned(before)];
        case 'older':
          return [planned(random.between(0, before))];
        case 'swapped': {
          const lower = raise(deployment);
          return [planned(raise(deployment)), planned(lower, random.between(0, 50))];
        }
        case 'late':
          return [planned(raise(deployment), random.between(1000, latestMs))];
      }
    },
  };
}

function pickKind(mix: Mix, at: number): PushKind {
  let rest = at;
  for (const [kind, share] of Object.entries(mix)) {
    if (rest < share) return kind as PushKind;
    rest -= share;
  }
  return 'new';
}
