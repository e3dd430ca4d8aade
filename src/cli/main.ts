#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { hasCode, messageOf } from '../core/errors.ts';
import { approvals } from './approvals.ts';
import { approve } from './approve.ts';
import type { Command, ExitCode, Terminal } from './command.ts';
import { doctor } from './doctor.ts';
import { explain } from './explain.ts';
import { reject } from './reject.ts';
import { replay } from './replay.ts';

/** Every command: one file and one line each. */
const commands: readonly Command[] = [explain, doctor, approvals, approve, reject, replay];

const list = commands.map(({ name, usage, summary }) => `  ${name} ${usage}\n      ${summary}`).join('\n');
const overview = `usage: updatekate COMMAND …

${list}

explain needs nothing, doctor asks Slack; the others ask the running service, at --url, UK_URL or http://127.0.0.1:UK_PORT, with UK_ADMIN_TOKEN
(or UK_ADMIN_TOKEN_FILE); approvals, approve and reject with your own UK_TOKEN (or UK_TOKEN_FILE) where it is set.
Exit codes: 0 done, 1 not done, 2 called wrongly.`;

const terminal: Terminal = {
  environment: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  print: (line) => void process.stdout.write(`${line}\n`),
};

function fail(line: string, code: ExitCode): ExitCode {
  process.stderr.write(`${line}\n`);
  return code;
}

async function dispatch([name, ...args]: readonly string[]): Promise<ExitCode> {
  if (name === undefined) return fail(overview, 2);
  if (asksForHelp(name)) {
    terminal.print(overview);
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (!command) {
    const known = commands.map((one) => one.name).join(', ');
    return fail(`updatekate: there is no command ${name}; there are: ${known}`, 2);
  }
  return run(command, args);
}

async function run(command: Command, args: readonly string[]): Promise<ExitCode> {
  const usage = `usage: updatekate ${command.name} ${command.usage}`;
  if (args.some(asksForHelp)) {
    terminal.print(`${usage}\n${command.summary}`);
    return 0;
  }
  try {
    return await command.run(args, terminal);
  } catch (error) {
    const line = `updatekate ${command.name}: ${messageOf(error)}`;
    const wrongCall = hasCode(error, 'bad-config') || isWrongArgument(error);
    return wrongCall ? fail(`${line}\n${usage}`, 2) : fail(line, 1);
  }
}

function asksForHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

/** What `parseArgs` throws. https://nodejs.org/api/errors.html#err_parse_args_unknown_option */
function isWrongArgument(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

process.exitCode = await dispatch(process.argv.slice(2));
