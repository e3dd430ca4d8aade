import { AppError, hasCode } from '../core/errors.ts';

/**
 * Opens what a section of the configuration file says. Part of the composition root.
 *
 * @param before where that is: it is put before the message of a refusal, which may go on with it.
 * @throws what `open` does; AppError `bad-config` with `before` in its message.
 */
export function inSection<T>(before: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (!hasCode(cause, 'bad-config')) throw cause;
    throw new AppError('bad-config', `${before}${cause.message}`, { cause });
  }
}
