import { z } from 'zod';

/** A part of the file with keys that are known; others are errors. It may be one without any. */
export function section<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const keys = Object.keys(shape).join(', ') || 'nothing in it, {}';
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? keys : `a section with ${keys}`),
  });
}

/** A text that `read` makes something of; it gives `undefined` for what is not allowed. */
export function textAs<T>(allowed: string, read: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string(allowed).transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: allowed });
    return z.NEVER;
  });
}
