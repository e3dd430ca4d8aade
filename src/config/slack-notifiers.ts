import { z } from 'zod';
import { SlackNotifier } from '../notifiers/slack.ts';
import { readConfigFile } from './file/read.ts';
import { withSecrets, type SecretSources } from './file/secrets.ts';
import { readYaml } from './file/yaml.ts';

/** A Slack notifier of the file, with its token read. */
export type SlackOfFile = z.output<typeof SlackNotifier> & { readonly name: string };

const Written = z.object({ notifiers: z.record(z.string(), z.unknown()) });
const OfSlack = z.object({ slack: z.unknown() }).refine(({ slack }) => slack !== undefined);
const Read = z.record(z.string(), z.object({ slack: SlackNotifier }));

/**
 * The Slack notifiers of the file of `UK_CONFIG`, for whoever looks at Slack alone: nothing else of the file is read, and
 * no secrets of others.
 *
 * @throws AppError `bad-config` as `readConfigFile` does.
 */
export function slackNotifiers(
  path: string | undefined,
  { environment, readFile }: SecretSources,
): readonly SlackOfFile[] {
  let left = '';
  const read = (asked: string): string => {
    const text = readFile(asked);
    return asked === path ? (left = slackOf(text)) : text;
  };
  const { notifiers } = readConfigFile(path, read, environment);
  if (Object.keys(notifiers).length === 0) return [];
  const written = Written.parse(JSON.parse(left));
  const { value } = withSecrets(written.notifiers, { environment, readFile }, []);
  return Object.entries(Read.parse(value)).map(([name, { slack }]) => ({ ...slack, name }));
}

/** What is left of the file, as JSON; what is no YAML is left as it is, for its faults to be told. */
function slackOf(text: string): string {
  const yaml = readYaml(text);
  if (yaml.kind === 'problems') return text;
  const notifiers = Object.entries(Written.safeParse(yaml.value).data?.notifiers ?? {}).flatMap(
    ([name, given]) => {
      const { success, data } = OfSlack.safeParse(given);
      return success ? [[name, { slack: data.slack }]] : [];
    },
  );
  return JSON.stringify({ notifiers: Object.fromEntries(notifiers) as unknown });
}
