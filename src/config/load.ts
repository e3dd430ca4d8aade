import type { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { Proxies } from '../lib/proxy.ts';
import { variables } from './environment.ts';
import { readConfigFile, type ConfigFile } from './file/read.ts';
import { fitted } from './fit.ts';
import { givenOf, type Environment, type Given } from './given.ts';
import { shownData, shownUrl, withoutLogin } from './mask.ts';
import { readProxies } from './proxy.ts';
import type { Variable } from './variable.ts';

type Variables = typeof variables;
type Key = keyof Variables;

/** The configuration, read once. A variable that is unset and has no default is undefined. */
export type Config = { readonly [K in Key]: z.output<Variables[K]['schema']> } & {
  /** What the file of `UK_CONFIG` says; empty without one. */
  readonly file: ConfigFile;
  /** What goes through a proxy; undefined without one. */
  readonly proxies: Proxies | undefined;
};

export type { Environment } from './given.ts';

/** What was read: the values, how they may be shown, and what was set but is not ours. */
export interface LoadedConfig {
  readonly config: Config;
  /** Variable → text as set, secrets masked; and `file`, as it is obeyed, when there is one. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** Variables that start with `UK_` and mean nothing. */
  readonly unknown: readonly string[];
  /** Old names of variables that were set and are obeyed. */
  readonly aliases: readonly string[];
}

/**
 * Reads the environment, and the file that it names.
 *
 * @param readFile reads `NAME_FILE` of a secret, and `UK_CONFIG`; throws when it cannot.
 * @throws AppError `bad-config` naming the variable, its value (masked if secret) and what is allowed, or the variables
 * that do not fit each other; of the file a line for each fault.
 */
export function loadConfig(environment: Environment, readFile: (path: string) => string): LoadedConfig {
  const values: [string, unknown][] = [];
  const shown: Record<string, string> = {};
  const aliases: string[] = [];
  for (const [key, variable] of Object.entries(variables) as [Key, Variable<unknown>][]) {
    const given = givenOf(variable, environment, readFile);
    values.push([key, given === undefined ? undefined : valueOf(variable, given)]);
    shown[variable.name] = given === undefined ? '' : mask(variable, given.text);
    if (given !== undefined && given.name === variable.alias) aliases.push(given.from);
  }
  const { configPath } = Object.fromEntries(values) as Pick<Config, 'configPath'>;
  const file = readConfigFile(configPath, readFile, environment);
  const { proxies, shown: shownProxies } = readProxies(environment);
  return {
    config: Object.freeze(fitted({ ...Object.fromEntries(values), file, proxies } as Config)),
    shown: { ...shown, ...shownProxies, ...(configPath === undefined ? {} : { file: shownData(file) }) },
    unknown: Object.keys(environment).filter((name) => name.startsWith('UK_') && !isKnown(name)),
    aliases,
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
  const given = givenOf(variable, environment, readFile);
  return given === undefined ? undefined : (valueOf(variable, given) as T);
}

function valueOf(variable: Variable<unknown>, { name, from, text }: Given): unknown {
  const result = variable.schema.safeParse(text);
  if (result.success) return result.data;
  const ofFile = text === '' ? 'an empty file' : 'what is in the file';
  const what = from === name ? `${name}=${mask(variable, text)}` : `${from}: ${ofFile}`;
  throw new AppError('bad-config', `${what} is not allowed; allowed: ${variable.allowed}`);
}

function mask({ secret, url = false }: Variable<unknown>, given: string): string {
  if (secret) return '***';
  return url ? shownUrl(given) : withoutLogin(given);
}

function isKnown(name: string): boolean {
  return Object.values(variables).some(
    (variable) => name === variable.name || (variable.secret && name === `${variable.name}_FILE`),
  );
}
