import { loadConfig, type Config } from '../config/load.ts';
import { notifiersOf } from '../config/notifiers.ts';
import { nameOf } from '../config/variable.ts';
import { watchVariables } from '../config/watch-variables.ts';
import { watchedPlaces } from '../config/watched.ts';
import { AppError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { notifyCall } from './notify-environment.ts';

/** `updatekate notify`: the watcher alone, in this process, for whoever wants no more. */
export const notify: Command = {
  name: 'notify',
  usage:
    '[-c|--kubeconfig FILE] [--slack-token TOKEN] [--slack-channel CHANNEL] [--artifactory-url URL] [--artifactory-login USER:PASSWORD] [NAMESPACE …]',
  summary: 'watches namespaces and tells every change in them, until it is stopped',
  async run(args, terminal) {
    const { environment, exposed } = notifyCall(args, terminal.environment);
    for (const { option, variable } of exposed)
      terminal.warn(
        `warning: ${option} shows its value in the list of processes; ${variable} and ${variable}_FILE do not`,
      );
    const loaded = loadConfig(environment, terminal.readFile);
    requireWork(loaded.config);
    // Only here: the other commands need not wait for the service to load.
    const { runLoaded } = await import('../run.ts');
    await runLoaded(loaded, 'notify');
    return 0;
  },
};

/** @throws AppError `bad-config` when there is nothing to watch, or nobody to tell. */
function requireWork(config: Config): void {
  const { watchNamespaces, notifySlackToken, notifySlackChannel } = watchVariables;
  if (watchedPlaces(config).size === 0)
    throw new AppError(
      'bad-config',
      `no namespace is watched: name some, or set ${nameOf(watchNamespaces)}, or watch: in the file of UK_CONFIG`,
    );
  if (Object.keys(notifiersOf(config)).length === 0)
    throw new AppError(
      'bad-config',
      `nobody is told: set --slack-token and --slack-channel, or ${nameOf(notifySlackToken)} and ${nameOf(notifySlackChannel)}, or notifiers: in the file of UK_CONFIG`,
    );
}
