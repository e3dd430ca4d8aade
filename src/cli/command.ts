import type { Environment } from '../config/load.ts';

/** 0 = done, 1 = it could not be done, 2 = called wrongly. */
export type ExitCode = 0 | 1 | 2;

/** What a command has of the process around it. */
export interface Terminal {
  readonly environment: Environment;
  readonly readFile: (path: string) => string;
  /** One line for the caller; what went wrong is thrown. */
  readonly print: (line: string) => void;
  /** One line that is no part of the answer. */
  readonly warn: (line: string) => void;
}

/** One word of the command line: `updatekate <name> …`. */
export interface Command {
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** @throws AppError `bad-config` for a wrong call or environment; whatever else is thrown is a failure. */
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}
