import { readFileSync } from 'node:fs';
import { withoutTokens } from '../config/mask.ts';
import { hasCode, messageOf } from '../core/errors.ts';
import type { Command, ExitCode, Terminal } from './command.ts';

/** That of this process. */
export const terminal: Terminal = {
  environment: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  print: (line) => void process.stdout.write(`${line}\n`),
  warn: (line) => void process.stderr.write(`${line}\n`),
};

/** Runs a command that people call by `name`, and says what was wrong. */
export async function call(command: Command, args: readonly string[], name: string): Promise<ExitCode> {
  const usage = `usage: ${name} ${command.usage}`;
  if (args.some(asksForHelp)) {
    terminal.print(`${usage}\n${command.summary}`);
    return 0;
  }
  try {
    return await command.run(args, terminal);
  } catch (error) {
    // What was wrong may be a secret in the place of something else.
    const line = `${name}: ${withoutTokens(messageOf(error))}`;
    const wrongCall = hasCode(error, 'bad-config') || isWrongArgument(error);
    terminal.warn(wrongCall ? `${line}\n${usage}` : line);
    return wrongCall ? 2 : 1;
  }
}

export function asksForHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

/** What `parseArgs` throws. https://nodejs.org/api/errors.html#err_parse_args_unknown_option */
function isWrongArgument(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
