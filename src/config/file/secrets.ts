import { z } from 'zod';
import { secretText } from '../../core/secret-text.ts';
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
}

/** Reads them, however deep. What is there without being a secret is as it was. */
export function withSecrets(
  given: unknown,
  sources: SecretSources,
  path: readonly PropertyKey[],
): WithSecrets {
  if (typeof given !== 'object' || given === null) return { value: given, problems: [] };
  const place = Place.safeParse(given);
  if (place.success) return readSecret(place.data, sources, path);
  const isList = Array.isArray(given);
  const read = Object.entries(given).map(
    ([key, value]) => [key, withSecrets(value, sources, [...path, isList ? Number(key) : key])] as const,
  );
  const values = read.map(([key, { value }]) => [key, value] as const);
  const value = isList ? values.map(([, one]) => one) : Object.fromEntries(values);
  return { value, problems: read.flatMap(([, { problems }]) => problems) };
}

function readSecret(
  place: z.output<typeof Place>,
  { environment, readFile }: SecretSources,
  path: readonly PropertyKey[],
): WithSecrets {
  const text = 'env' in place ? environment[place.env]?.trim() : textOf(place.file, readFile);
  if (text !== undefined && text !== '') return { value: secretText(text), problems: [] };
  const what =
    'env' in place
      ? `the environment has no ${place.env}`
      : `the file ${place.file} cannot be read, or is empty`;
  // Something is there: what is missing is said once, by the problem.
  return { value: secretText(''), problems: [{ path, what }] };
}

function textOf(path: string, readFile: SecretSources['readFile']): string | undefined {
  try {
    return readFile(path).trim();
  } catch {
    return undefined;
  }
}
