import { parseArgs } from 'node:util';
import { variables } from '../config/environment.ts';
import type { Environment } from '../config/load.ts';
import { shownUrl } from '../config/mask.ts';
import type { Variable } from '../config/variable.ts';
import { AppError } from '../core/errors.ts';
import { printable } from './text-table.ts';

const options = {
  kubeconfig: { type: 'string', short: 'c' },
  'slack-token': { type: 'string' },
  'slack-channel': { type: 'string' },
  'artifactory-url': { type: 'string' },
  'artifactory-login': { type: 'string' },
} as const;

/** What each option is called in the environment. */
const variableOf: Readonly<Record<keyof typeof options, Variable<unknown>>> = {
  kubeconfig: variables.kubeconfig,
  'slack-token': variables.notifySlackToken,
  'slack-channel': variables.notifySlackChannel,
  'artifactory-url': variables.artifactoryUrl,
  'artifactory-login': variables.artifactoryLogin,
};

/** A call as variables that say the same. */
export interface NotifyCall {
  readonly environment: Environment;
  /** Options that were given and whose values are secrets, with the variables that mean the same. */
  readonly exposed: readonly { readonly option: string; readonly variable: string }[];
}

/**
 * Puts the arguments of `updatekate notify` over the environment; an empty one is one that is not there.
 *
 * @throws AppError `bad-config` for a value that is not allowed, what `parseArgs` throws for options that are none.
 */
export function notifyCall(args: readonly string[], environment: Environment): NotifyCall {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const said: readonly Said[] = [
    ...Object.entries(variableOf).map(([option, variable]) => ({
      ...{ spelt: `--${option}`, variable, text: values[option as keyof typeof options] },
    })),
    { spelt: 'NAMESPACE', variable: variables.watchNamespaces, text: positionals.join(' ') },
  ].flatMap(({ spelt, variable, text = '' }) =>
    text.trim() === '' ? [] : [checked({ spelt, variable, text: text.trim() })],
  );
  const over = Object.fromEntries(said.map(({ variable, text }) => [variable.name, text]));
  const isKubeconfigSaid = variables.kubeconfig.name in over;
  return {
    environment: {
      ...without(environment, said.flatMap(namesOf)),
      ...(isKubeconfigSaid ? { [variables.cluster.name]: 'kubeconfig' } : {}),
      ...over,
    },
    exposed: said
      .filter(({ variable }) => variable.secret)
      .map(({ spelt, variable }) => ({ option: spelt, variable: variable.name })),
  };
}

/** One argument, and the variable that means the same. */
interface Said {
  readonly spelt: string;
  readonly variable: Variable<unknown>;
  readonly text: string;
}

/** Now: later it would be the variable that is wrong, which nobody has set. */
function checked(said: Said): Said {
  const { spelt, variable, text } = said;
  if (variable.schema.safeParse(text).success) return said;
  const shown = variable.secret ? '' : ` ${printable(variable.url ? shownUrl(text) : text)}`;
  throw new AppError('bad-config', `${spelt}${shown} is not allowed; allowed: ${variable.allowed}`);
}

/** Every name under which it could be set already. */
function namesOf({ variable: { name, alias } }: Said): readonly string[] {
  return [name, ...(alias === undefined ? [] : [alias])].flatMap((one) => [one, `${one}_FILE`]);
}

function without(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}
