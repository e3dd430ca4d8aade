import { z } from 'zod';
import { kubernetesLabel } from '../variable.ts';

/*
 * The message of every schema of the file is what is allowed, in words for a person; problem.ts makes sentences of it.
 */

/** What names may be: of environments, groups and namespaces. */
export const allowedName = 'lower-case letters, digits and -, at most 63 characters';

/** A name, also of a namespace. */
export const name = z
  .string(allowedName)
  .refine((given) => kubernetesLabel.safeParse(given).success, allowedName);

/** A part of the file with a name of the user's for each thing. `things` says what they are, `key` what names may be. */
export function named<T extends z.ZodType>(
  things: string,
  schema: T,
  key: typeof name = name,
): z.ZodRecord<typeof name, T> {
  return z.record(key, schema, { error: `${things} by name` });
}
