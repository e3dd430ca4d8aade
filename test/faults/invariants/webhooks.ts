import type { Allowance, Evidence } from '../evidence.ts';
import type { Violations } from './violations.ts';

/** Clocks of two machines are apart; more than this is refused by receivers. */
const toleranceSeconds = 300;

/** One id for all tries of one webhook and for no other, signatures that are right, timestamps that are taken. */
export function wrongWebhooks({ told }: Evidence, { skewSeconds = 0 }: Allowance): Violations {
  const ends = Map.groupBy(told, ({ image, status }) => `${image} ${status}`);
  const perEnd = [...ends].flatMap(([what, own]) => {
    const ids = new Set(own.map(({ id }) => id));
    return [
      ...(ids.size > 1 ? [`wrong id: ${ids.size} webhook-ids for ${what}`] : []),
      ...(own.every(({ signed }) => signed) ? [] : [`wrong signature: ${what}`]),
      ...(own.every((one) => Math.abs(one.skewSeconds) < toleranceSeconds + skewSeconds)
        ? []
        : [`wrong timestamp: ${what}`]),
    ];
  });
  const perId = [...Map.groupBy(told, ({ id }) => id)].flatMap(([id, own]) => {
    const count = new Set(own.map(({ image, status }) => `${image} ${status}`)).size;
    return count > 1 ? [`wrong id: ${id} stands for ${count} different ends`] : [];
  });
  return [...perEnd, ...perId];
}
