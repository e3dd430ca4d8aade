import type { z } from 'zod';
import { AppError, messageOf } from '../core/errors.ts';
import { variables } from './environment.ts';
import { readConfigFile, type ConfigFile } from './file/read.ts';
import type { Variable } from './variable.ts';

type Variables = typeof variables;
type Key = keyof Variables;

/** The configuration, read once. A variable that is unset and has no default is undefined. */
export type Config = { readonly [K in Key]: z.output<Variables[K]['schema']> } & {
  /** What the file of `UK_CONFIG` says; empty without one. */
  readonly file: ConfigFile;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** What was read: the values, how they may be shown, and what was set but is not ours. */
export interface LoadedConfig {
  readonly config: Config;
  /** Variable → text as set, secrets masked; and `file`, as it is obeyed, when there is one. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** Variables that start with `UK_` and mean nothing. */
  readonly unknown: readonly string[];
}

/**
 * Reads the environment, and the file that it names.
 *
 * @param readFile reads `NAME_FILE` of a secret, and `UK_CONFIG`; throws when it cannot.
 * @throws AppError `bad-config` naming the variable, its value (masked if secret) and what is allowed; of the file a
 * line for each fault.
 */
export function loadConfig(environment: Environment, readFile: (path: string) => string): LoadedConfig {
  const values: [string, unknown][] = [];
  const shown: Record<string, string> = {};
  for (const [key, variable] of Object.entries(variables) as [Key, Variable<unknown>][]) {
    const given = textOf(variable, environment, readFile);
    values.push([key, given === undefined ? undefined : valueOf(variable, given)]);
    shown[variable.name] = given === undefined ? '' : mask(variable, given);
  }
  const { configPath } = Object.fromEntries(values) as Pick<Config, 'configPath'>;
  const file = readConfigFile(configPath, readFile, environment);
  return {
    config: Object.freeze({ ...Object.fromEntries(values), file }) as Config,
    shown: configPath === undefined ? shown : { ...shown, file },
    unknown: Object.keys(environment).filter((name) => name.startsWith('UK_') && !isKnown(name)),
  };
}

/**
 * Reads one variable alone, for a command that needs no more.
 *
 * @throws AppError `bad-config` as `loadConfig` does.
 */
export function readVariable<T>(
  variable: Variable<T>,
  environment: Environment,
  readFile: (path: string) => string,
): T | undefined {
  const given = textOf(variable, environment, readFile);
  return given === undefined ? undefined : (valueOf(variable, given) as T);
}

/** An empty variable is an unset one, as in the first system. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function textOf(
  { name, secret, fallback }: Variable<unknown>,
  environment: Environment,
  readFile: (path: string) => string,
): string | undefined {
  const [given, file] = [environment[name], environment[`${name}_FILE`]];
  if (!secret || !isSet(file)) return isSet(given) ? given.trim() : fallback;
  if (isSet(given))
    throw new AppError('bad-config', `${name} and ${name}_FILE are both set: keep one of them`);
  try {
    return readFile(file).trim();
  } catch (cause) {
    throw new AppError('bad-config', `${name}_FILE=${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function valueOf(variable: Variable<unknown>, given: string): unknown {
  const result = variable.schema.safeParse(given);
  if (result.success) return result.data;
  const { name, allowed } = variable;
  throw new AppError('bad-config', `${name}=${mask(variable, given)} is not allowed; allowed: ${allowed}`);
}

function mask({ secret }: Variable<unknown>, given: string): string {
  return secret ? '***' : given;
}

function isKnown(name: string): boolean {
  return Object.values(variables).some(
    (variable) => name === variable.name || (variable.secret && name === `${variable.name}_FILE`),
  );
}
