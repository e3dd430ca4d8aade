import { z } from 'zod';
import { parseDurationMs } from '../core/duration.ts';

/** One environment variable: what it is for, what it may be, and how it is read. */
export interface Variable<T> {
  readonly name: `UK_${string}`;
  /** What a system before this one called it; read as well. */
  readonly alias?: string;
  readonly doc: string;
  /** The values people may write, for error messages and `.env.example`. */
  readonly allowed: string;
  /** Text that stands for an unset variable; undefined = unset stays unset. */
  readonly fallback: string | undefined;
  /** Secrets are masked wherever configuration is shown, and may come from a file (`NAME_FILE`). */
  readonly secret: boolean;
  /** Addresses are shown without what may be a password in them. */
  readonly url?: boolean;
  readonly schema: z.ZodType<T, string>;
}

type Declared<T> = Pick<Variable<T>, 'name' | 'alias' | 'doc' | 'allowed' | 'url' | 'schema'> & {
  readonly secret?: boolean;
};

/** How messages name a variable. */
export function nameOf({ name, alias }: Pick<Variable<unknown>, 'name' | 'alias'>): string {
  return alias === undefined ? name : `${name} (or ${alias})`;
}

/** Declares a variable that may stay unset. */
export function optional<T>(declared: Declared<T>): Variable<T | undefined> {
  return { secret: false, ...declared, fallback: undefined };
}

/** Declares a variable that has a value when it is unset. */
export function withDefault<T>(fallback: string, declared: Declared<T>): Variable<T> {
  return { secret: false, ...declared, fallback };
}

/** `true`/`false` as people and the first system write them. */
export const flag = z
  .string()
  .regex(/^(?:true|false|t|f|1|0)$/i)
  .transform((text) => /^(?:true|t|1)$/i.test(text));

/** A whole number within bounds. */
export function integer(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((number) => number >= min && number <= max);
}

/** What `read` makes of the text; it gives `undefined` for what is not allowed. */
export function parsed<T>(read: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom' });
    return z.NEVER;
  });
}

/** `90s`, `15m`, `2h`, `1h30m`, `7d`, as milliseconds; more than nothing. */
export const durationMs = parsed(parseDurationMs);

/** A name as Kubernetes wants it. */
export const kubernetesName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** A namespace or a container's name: a single label. */
export const kubernetesLabel = kubernetesName.max(63).regex(/^[^.]+$/);

/** The key of an annotation: `prefix/name`. */
export const annotationKey = z
  .string()
  .max(317)
  .regex(/^(?:[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/);

/** Names of namespaces; `*` gives none, which is all. */
export const namespaceList = parsed((text): readonly string[] | undefined => {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  if (names.length === 1 && names[0] === '*') return [];
  const areGood = names.length > 0 && names.every((name) => kubernetesLabel.safeParse(name).success);
  return areGood ? [...new Set(names)] : undefined;
});

/** An http or https address. */
export const httpUrl = z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''));

/** Text that is not empty. */
export const text = z.string().min(1);

/** One of these words. */
export function oneOf<const W extends readonly string[]>(words: W): z.ZodType<W[number], string> {
  return z.string().pipe(z.enum(words));
}
