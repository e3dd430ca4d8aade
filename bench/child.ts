import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onCore } from './cores.ts';

/** A process of the bench's own. It ends with its parent, or when it is told to. */
export interface Child {
  /** The next message it sends. */
  message(): Promise<unknown>;
  /** Sends a question and waits for the answer; one at a time. */
  ask(question: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts a file of the bench, given relative to this one, on a core. */
export function startChild(
  file: string,
  args: readonly string[],
  core: number | undefined,
  variables: Readonly<Record<string, string>> = {},
): Child {
  const [command = '', ...words] = onCore(core, [process.execPath]);
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, args, {
    ...{ execPath: command, execArgv: words },
    env: { ...process.env, ...variables },
  });
  const message = async (): Promise<unknown> => {
    const over = new AbortController();
    const ended = once(child, 'exit', over).then(([code]: unknown[]) => {
      throw new Error(`${file} ended with code ${String(code)}`);
    });
    try {
      const [answer] = (await Promise.race([once(child, 'message', over), ended])) as [unknown];
      return answer;
    } finally {
      over.abort();
    }
  };
  return {
    message,
    ask(question) {
      child.send(question);
      return message();
    },
    stop: () => endOf(child, () => child.disconnect()),
  };
}

const graceMs = 30_000;

/** Ends a process the polite way, and after a while the other way. */
export async function endOf(child: ChildProcess, politely: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  politely();
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}
