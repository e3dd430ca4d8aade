import { execFile } from 'node:child_process';

/** How one run of kubectl differs from the others. */
export interface KubectlOptions {
  /** Standard input, for `apply -f -`. */
  readonly input?: string;
  readonly timeoutMs?: number;
}

/**
 * Runs kubectl and answers what it printed.
 * @throws Error with what it printed on standard error when it fails
 */
export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<string>;

const maxOutputBytes = 64 * 1024 * 1024;

/** kubectl for the cluster of a kubeconfig file; `env` replaces the environment of this process. */
export function kubectlFor(program: string, kubeconfigPath: string, env = process.env): Kubectl {
  return (args, { input = '', timeoutMs = 60_000 } = {}) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        program,
        ['--kubeconfig', kubeconfigPath, ...args],
        { env, timeout: timeoutMs, maxBuffer: maxOutputBytes },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else
            reject(
              new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }),
            );
        },
      );
      child.stdin?.end(input);
    });
}
