import { z } from 'zod';

/** What is to be written where a secret belongs, in words for a person. */
export const allowedSecret = '{ env: NAME } or { file: PATH }, never the secret itself';

const mark = Symbol('secret');

/** A secret that was read from where the configuration file says. It shows nothing of itself in JSON. */
export interface SecretText {
  readonly [mark]: true;
  reveal(): string;
  toJSON(): string;
}

/** Wraps it. */
export function secretText(text: string): SecretText {
  return { [mark]: true, reveal: () => text, toJSON: () => '***' };
}

function isSecretText(value: unknown): value is SecretText {
  return typeof value === 'object' && value !== null && mark in value;
}

/** A setting that is a secret, and must be what `schema` says once it has been read; `allowed` says that in words. */
export function secret<T>(allowed: string, schema: z.ZodType<T, string>): z.ZodType<T> {
  return z.custom<SecretText>(isSecretText, allowedSecret).transform((given, context): T => {
    const read = schema.safeParse(given.reveal());
    if (read.success) return read.data;
    context.addIssue({ code: 'custom', message: `a secret that is ${allowed}` });
    return z.NEVER;
  });
}
