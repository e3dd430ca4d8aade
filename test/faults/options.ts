import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** Where the replicas keep their updates. */
export type StoreKind = 'kubernetes' | 'sqlite';

/** What a run does, and how often. */
export interface Options {
  /** Every choice of a run follows from it; the order in which processes are scheduled does not. */
  readonly seed: number;
  /** SIGKILLs of `kill-at-random`. */
  readonly kills: number;
  /** SIGKILLs of the API server. */
  readonly apiKills: number;
  /** Repetitions of every other scenario. */
  readonly rounds: number;
  readonly store: StoreKind;
  readonly replicas: number;
  /** Scenarios that run at the same time, each in a namespace of its own. */
  readonly lanes: number;
  /** Names of the scenarios to run; empty = all. */
  readonly only: readonly string[];
  /** Whether acknowledgements that take longer than is promised fail a scenario. */
  readonly judgeTimes: boolean;
  /** Keeps the logs of all processes here. */
  readonly logsDir: string | undefined;
}

export const usage = `npm run test:faults -- [--kills 6] [--api-kills 2] [--rounds 1] [--seed N] [--only NAME]...
  [--store kubernetes|sqlite] [--replicas 2] [--lanes 4] [--[no-]judge-times] [--logs FOLDER]`;

/** From so many kills on a run is the long form, which is to be run on a machine that has nothing else to do. */
const longForm = 100;

/**
 * Reads the command line.
 *
 * @throws Error that says what is wrong with it.
 */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      ...{ seed: text, kills: text, 'api-kills': text, rounds: text, lanes: text, logs: text },
      ...{ store: text, replicas: text },
      'judge-times': { type: 'boolean' },
      only: { type: 'string', multiple: true },
    },
  });
  const store = values.store ?? 'kubernetes';
  if (store !== 'kubernetes' && store !== 'sqlite') throw new Error(`--store ${store} is not known`);
  const kills = count('--kills', values.kills, 6);
  return {
    seed: count('--seed', values.seed, randomInt(1, 2 ** 31)),
    kills,
    apiKills: count('--api-kills', values['api-kills'], 2),
    rounds: count('--rounds', values.rounds, 1),
    replicas: count('--replicas', values.replicas, store === 'sqlite' ? 1 : 2),
    lanes: count('--lanes', values.lanes, 4),
    judgeTimes: values['judge-times'] ?? kills >= longForm,
    ...{ store, only: values.only ?? [], logsDir: values.logs },
  };
}

/** At least one: a run that breaks nothing proves nothing. */
function count(name: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} ${given}: must be 1 or more`);
  return value;
}
