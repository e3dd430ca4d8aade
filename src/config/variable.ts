import { z } from 'zod';

/** One environment variable: what it is for, what it may be, and how it is read. */
export interface Variable<T> {
  readonly name: `UK_${string}`;
  readonly doc: string;
  /** The values people may write, for error messages and `.env.example`. */
  readonly allowed: string;
  /** Text that stands for an unset variable; undefined = unset stays unset. */
  readonly fallback: string | undefined;
  /** Secrets are masked wherever configuration is shown, and may come from a file (`NAME_FILE`). */
  readonly secret: boolean;
  readonly schema: z.ZodType<T, string>;
}

type Declared<T> = Pick<Variable<T>, 'name' | 'doc' | 'allowed' | 'schema'> & { readonly secret?: boolean };

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

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `15m`, `2h`, `1h30m`, as milliseconds; more than nothing. */
export const durationMs = z
  .string()
  .regex(/^(?:\d{1,6}(?:ms|s|m|h))+$/)
  .transform((text) =>
    [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
      (sum, [, n, unit = 'ms']) => sum + Number(n) * (unitMs[unit] ?? 1),
      0,
    ),
  )
  .refine((ms) => ms > 0);

/** A name as Kubernetes wants it. */
export const kubernetesName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** A namespace or a container's name: a single label. */
export const kubernetesLabel = kubernetesName.max(63).regex(/^[^.]+$/);

/** Names of namespaces; `*` gives none, which is all. */
export const namespaceList = z.string().transform((text, context): readonly string[] => {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  if (names.length === 1 && names[0] === '*') return [];
  if (names.length > 0 && names.every((name) => kubernetesLabel.safeParse(name).success))
    return [...new Set(names)];
  context.addIssue({ code: 'custom' });
  return z.NEVER;
});

/** An http or https address. */
export const httpUrl = z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''));

/** Text that is not empty. */
export const text = z.string().min(1);

/** One of these words. */
export function oneOf<const W extends readonly string[]>(words: W): z.ZodType<W[number], string> {
  return z.string().pipe(z.enum(words));
}
