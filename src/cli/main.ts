#!/usr/bin/env node
import { approvals } from './approvals.ts';
import { approve } from './approve.ts';
import { asksForHelp, call, terminal } from './call.ts';
import type { Command, ExitCode } from './command.ts';
import { doctor } from './doctor.ts';
import { explain } from './explain.ts';
import { notify } from './notify.ts';
import { reject } from './reject.ts';
import { replay } from './replay.ts';

/** Every command: one file and one line each. */
const commands: readonly Command[] = [explain, doctor, approvals, approve, reject, replay, notify];

const list = commands.map(({ name, usage, summary }) => `  ${name} ${usage}\n      ${summary}`).join('\n');
const overview = `usage: updatekate COMMAND …

${list}

explain needs nothing, doctor asks Slack, notify is a service of its own; the others ask the running service, at --url, UK_URL
or http://127.0.0.1:UK_PORT, with UK_ADMIN_TOKEN (or UK_ADMIN_TOKEN_FILE); approvals, approve and reject with your own UK_TOKEN
(or UK_TOKEN_FILE) where it is set.
Exit codes: 0 done, 1 not done, 2 called wrongly.`;

async function dispatch([name, ...args]: readonly string[]): Promise<ExitCode> {
  if (name === undefined) return wrongCall(overview);
  if (asksForHelp(name)) {
    terminal.print(overview);
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command) return call(command, args, `updatekate ${name}`);
  const known = commands.map((one) => one.name).join(', ');
  return wrongCall(`updatekate: there is no command ${name}; there are: ${known}`);
}

function wrongCall(line: string): ExitCode {
  terminal.warn(line);
  return 2;
}

process.exitCode = await dispatch(process.argv.slice(2));
