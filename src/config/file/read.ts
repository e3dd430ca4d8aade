import type { z } from 'zod';
import { printable } from '../../core/annotation-values.ts';
import { AppError, messageOf } from '../../core/errors.ts';
import { Clusters, unknownClusters, Watch } from './clusters.ts';
import { tooFewOrMany } from './electorate.ts';
import { doubleNamespaces, Environments } from './environments.ts';
import { Groups } from './groups.ts';
import { Notifiers, withWritten } from './notifiers.ts';
import { spell, type Problem } from './problem.ts';
import { problemsOf } from './schema-problems.ts';
import { section } from '../../core/section.ts';
import { withSecrets, type SecretSources, type WithSecrets } from './secrets.ts';
import { readYaml } from './yaml.ts';

/** All sections there are, one line each. */
const ConfigFile = section({
  environments: Environments.default({}),
  groups: Groups.default({}),
  notifiers: Notifiers.default({}),
  clusters: Clusters.default({}),
  watch: Watch.default({}),
});
const mostProblems = 10;

/** The configuration file, read. What it does not say is empty. */
export type ConfigFile = z.output<typeof ConfigFile>;

/**
 * Reads the file of `UK_CONFIG`; no path gives what an empty file gives.
 *
 * @param readFile throws when it cannot.
 * @param environment what `{ env: NAME }` stands for.
 * @throws AppError `bad-config`, a line for each of the first ten faults: file, place, value and what is allowed.
 */
export function readConfigFile(
  path: string | undefined,
  readFile: (path: string) => string,
  environment: SecretSources['environment'] = {},
): ConfigFile {
  if (path === undefined) return ConfigFile.parse({});
  const read = readYaml(textOf(path, readFile));
  if (read.kind === 'problems') throw refusal(path, read.problems);
  // A file in which everything is commented out.
  const written = read.value ?? {};
  const checked = check(written, { environment, readFile });
  if (checked.kind === 'problems') throw refusal(path, checked.problems.map(sentence));
  return checked.file;
}

/** The file, or what is wrong in it. */
type Checked =
  | { readonly kind: 'file'; readonly file: ConfigFile }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

function check(written: unknown, sources: SecretSources): Checked {
  const secrets = secretsRead(written, sources);
  const given = secrets.value;
  const { success, data, error } = ConfigFile.safeParse(given);
  const ofSchema = success ? [] : problemsOf(error, secrets);
  const wrong = [...secrets.problems, ...ofSchema, ...doublesIn(given)];
  if (!success || wrong.length > 0) return { kind: 'problems', problems: wrong };
  const file = { ...data, notifiers: withWritten(data.notifiers, written) };
  // What is right by itself, and not together.
  const misfits = [...tooFewOrMany(file), ...unknownClusters(file)];
  return misfits.length > 0 ? { kind: 'problems', problems: misfits } : { kind: 'file', file };
}

/** Secrets are of notifiers alone: elsewhere it is something else that is written so, or nothing. */
function secretsRead(written: unknown, sources: SecretSources): WithSecrets {
  const isSection = typeof written === 'object' && written !== null && 'notifiers' in written;
  if (!isSection) return { value: written, problems: [], places: [] };
  const read = withSecrets(written.notifiers, sources, ['notifiers']);
  return { ...read, value: { ...written, notifiers: read.value } };
}

function textOf(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (cause) {
    const message = printable(`UK_CONFIG=${path} cannot be read: ${messageOf(cause)}`);
    throw new AppError('bad-config', message, { cause });
  }
}

function doublesIn(given: unknown): readonly Problem[] {
  const isSection = typeof given === 'object' && given !== null && 'environments' in given;
  return isSection ? doubleNamespaces(given.environments) : [];
}

function sentence({ path, what }: Problem): string {
  return path.length === 0 ? what : `${spell(path)}: ${what}`;
}

function refusal(path: string, all: readonly string[]): AppError {
  const more = all.length > mostProblems ? [`and ${all.length - mostProblems} more`] : [];
  const lines = [...all.slice(0, mostProblems), ...more].map((line) => printable(`${path}: ${line}`));
  return new AppError('bad-config', lines.join('\n'));
}
