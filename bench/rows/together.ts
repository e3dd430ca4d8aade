/** Of each thing that is measured in a round, its values of all rounds. */
export type Together<T> = Readonly<Record<keyof T, readonly number[]>>;

/** Puts rounds together, in their order; there must be one. */
export function together<K extends string>(
  rounds: readonly Readonly<Record<K, number>>[],
): Readonly<Record<K, readonly number[]>> {
  const values = {} as Record<K, readonly number[]>;
  for (const key of Object.keys(rounds[0] ?? {}) as K[]) values[key] = rounds.map((round) => round[key]);
  return values;
}
