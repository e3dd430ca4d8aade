import { AppError, messageOf } from '../core/errors.ts';
import { looksLikePath } from './mask.ts';
import type { Variable } from './variable.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The text that a variable has, and the name that people set for it. */
export interface Given {
  readonly name: string;
  /** What was set: that name, or `NAME_FILE`. Of a default, the name of the variable. */
  readonly from: string;
  readonly text: string;
}

/**
 * The text of a variable: by its name, by its old name, or its default. An empty variable is an unset one, as in the
 * first system.
 *
 * @param readFile reads `NAME_FILE` of a secret; throws when it cannot.
 * @throws AppError `bad-config` when it is set twice, or its file cannot be read.
 */
export function givenOf(
  { name, alias, secret, fallback }: Variable<unknown>,
  environment: Environment,
  readFile: (path: string) => string,
): Given | undefined {
  const read = (one: string): Given | undefined => givenAs(one, secret, environment, readFile);
  const [own, old] = [read(name), alias === undefined ? undefined : read(alias)];
  if (own && old && own.text !== old.text)
    throw new AppError(
      'bad-config',
      `${own.from} and ${old.from} are both set, and not to the same: keep one of them`,
    );
  return own ?? old ?? (fallback === undefined ? undefined : { name, from: name, text: fallback });
}

function givenAs(
  name: string,
  secret: boolean,
  environment: Environment,
  readFile: (path: string) => string,
): Given | undefined {
  const from = `${name}_FILE`;
  const [text, file] = [environment[name], environment[from]];
  if (!secret || !isSet(file)) return isSet(text) ? { name, from: name, text: text.trim() } : undefined;
  if (isSet(text)) throw new AppError('bad-config', `${name} and ${from} are both set: keep one of them`);
  try {
    return { name, from, text: readFile(file).trim() };
  } catch (cause) {
    if (looksLikePath(file))
      throw new AppError('bad-config', `${from}=${file} cannot be read: ${messageOf(cause)}`, { cause });
    // What was set is probably the secret itself; the cause would repeat it.
    throw new AppError('bad-config', `${from} cannot be read; allowed: ${allowedFile}`);
  }
}

const allowedFile = 'the path of a file such as /run/token, never the secret itself';

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
