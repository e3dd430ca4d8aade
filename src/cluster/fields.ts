/** What is at a path of fields of an object that nobody has checked; `{}` when there is nothing. */
export function under(value: unknown, path: readonly string[]): Readonly<Record<string, unknown>> {
  return path.reduce((inner, field) => objectOf(inner[field]), objectOf(value));
}

/** `value` when it has fields, else `{}`. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
