import type { Evidence } from '../evidence.ts';
import type { Gate } from '../records.ts';
import type { Cast } from '../voters.ts';
import { nameOf } from './asked.ts';
import type { Violations } from './violations.ts';

/** Whether the voter was told that his vote is there. */
export function isCounted({ answer }: Cast): boolean {
  return answer === 'counted' || answer === 'voted-already';
}

/** Every vote that counted is in the record once, as it was cast, and no other is. */
export function wrongVotes({ casts, records }: Evidence): Violations {
  const byName = new Map(records.map((record) => [record.name, record]));
  const given = (update: string): Gate['given'] => byName.get(update)?.approval?.given ?? [];
  const lost = casts.filter(isCounted).flatMap((cast) => {
    const count = given(cast.update).filter(({ by, vote }) => by.id === cast.by && vote === cast.vote).length;
    const what = `${cast.by}'s ${cast.vote} for update ${cast.update} (${cast.deployment} ${cast.tag})`;
    return count === 1
      ? []
      : [`vote lost: ${what} was answered ${cast.answer ?? ''} and is there ${count} times`];
  });
  const madeUp = records.flatMap((record) =>
    given(record.name)
      .filter(({ by, vote }) => !casts.some((cast) => isOf(cast, record.name, by.id) && cast.vote === vote))
      .map(({ by, vote }) => `vote made up: ${by.id}'s ${vote} for ${nameOf(record)}`),
  );
  const late = casts.flatMap(({ by, update, answer, lastSentAtMs, answeredAtMs = 0 }) => {
    const deadlineMs = Date.parse(byName.get(update)?.approval?.deadlineAt ?? '');
    if (answer === 'counted' && lastSentAtMs >= deadlineMs)
      return [`vote late: ${by}'s for update ${update} counted`];
    return answer === 'expired' && answeredAtMs < deadlineMs
      ? [`vote refused: ${by}'s for update ${update} was called expired before its deadline`]
      : [];
  });
  return [...lost, ...madeUp, ...late];
}

function isOf({ update, by }: Cast, name: string, id: string): boolean {
  return update === name && by === id;
}
