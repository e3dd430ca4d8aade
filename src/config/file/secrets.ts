import { z } from 'zod';
import { secretText } from '../../core/secret-text.ts';
import { looksLikePath, looksLikeVariable } from '../mask.ts';
import type { Problem } from './problem.ts';

/** What stands for a secret. */
const Place = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);

/** Where secrets are read from. */
export interface SecretSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Throws when it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** A part of the file with every `{ env: NAME }` and `{ file: PATH }` in it read, and those that cannot be. */
export interface WithSecrets {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where they are, also those that cannot be read. */
  readonly places: readonly (readonly PropertyKey[])[];
}

/** Reads them, however deep. What is there without being a secret is as it was. */
export function withSecrets(
  given: unknown,
  sources: SecretSources,
  path: readonly PropertyKey[],
): WithSecrets {
  if (typeof given !== 'object' || given === null) return { value: given, problems: [], places: [] };
  const place = Place.safeParse(given);
  if (place.success) return readSecret(place.data, sources, path);
  const isList = Array.isArray(given);
  const read = Object.entries(given).map(
    ([key, value]) => [key, withSecrets(value, sources, [...path, isList ? Number(key) : key])] as const,
  );
  const values = read.map(([key, { value }]) => [key, value] as const);
  const value = isList ? values.map(([, one]) => one) : Object.fromEntries(values);
  return {
    value,
    problems: read.flatMap(([, { problems }]) => problems),
    places: read.flatMap(([, { places }]) => places),
  };
}

/** A part of the file as it is written, for people: of a place nothing that does not look like one. */
export function withShownPlaces(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const place = Place.safeParse(given);
  if (place.success) return shownPlace(place.data);
  if (Array.isArray(given)) return given.map(withShownPlaces);
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, withShownPlaces(value)]));
}

function shownPlace(place: z.output<typeof Place>): z.output<typeof Place> {
  if ('env' in place) return looksLikeVariable(place.env) ? place : { env: '***' };
  return looksLikePath(place.file) ? place : { file: '***' };
}

function readSecret(
  place: z.output<typeof Place>,
  { environment, readFile }: SecretSources,
  path: readonly PropertyKey[],
): WithSecrets {
  const text = 'env' in place ? variable(place.env, environment) : textOf(place.file, readFile);
  if (text !== undefined && text !== '') return { value: secretText(text), problems: [], places: [path] };
  const what = 'env' in place ? withoutVariable(place.env) : withoutFile(place.file);
  return { value: secretText(''), problems: [{ path, what }], places: [path] };
}

function variable(name: string, environment: SecretSources['environment']): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name]?.trim() : undefined;
}

function withoutVariable(name: string): string {
  return looksLikeVariable(name)
    ? `the environment has no ${name}`
    : 'the variable that is named here is not set; allowed: the name of one, never the secret itself';
}

function withoutFile(path: string): string {
  return looksLikePath(path)
    ? `the file ${path} cannot be read, or is empty`
    : 'the file cannot be read, or is empty; allowed: the path of a file, never the secret itself';
}

function textOf(path: string, readFile: SecretSources['readFile']): string | undefined {
  try {
    return readFile(path).trim();
  } catch {
    return undefined;
  }
}
