import type { Condition } from './objects.ts';

/** The condition of a type. */
export function conditionOf(conditions: readonly Condition[] = [], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/**
 * The conditions with `next` in its place. The transition time moves with the status only;
 * `time` is when it was looked at.
 */
export function setCondition(
  conditions: readonly Condition[],
  next: Condition,
  time: string,
): readonly Condition[] {
  const before = conditionOf(conditions, next.type);
  if (before?.status === next.status && before.reason === next.reason && !renews(next)) return conditions;
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : undefined;
  const updated = { ...next, lastUpdateTime: time, lastTransitionTime: lastTransitionTime ?? time };
  return before ? conditions.map((old) => (old === before ? updated : old)) : [...conditions, updated];
}

/** Every bit of progress starts the deadline again. */
function renews({ reason }: Condition): boolean {
  return reason === 'ReplicaSetUpdated';
}
