import type { Update } from './update.ts';

/** Where people read more of an update; `undefined` when there is no such place. */
export type UpdateLink = (update: Update) => string | undefined;

type Part = (update: Update) => string;

/** What a template may name. Values are made fit for a URL; the slashes of a repository stay. */
const parts: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['update', ({ name }) => name],
  ['cluster', ({ workload }) => workload.cluster],
  ['namespace', ({ workload }) => workload.namespace],
  ['kind', ({ workload }) => workload.kind],
  ['workload', ({ workload }) => workload.name],
  ['repository', ({ repository }) => repository],
  ['tag', ({ tag }) => tag],
]);

/** The names, in words for a person. */
export const linkParts = [...parts.keys()].map((name) => `{${name}}`).join(', ');

/** Reads a template such as `https://argo.example/applications/{namespace}/{workload}`; `undefined` when it is none. */
export function parseUpdateLink(template: string): UpdateLink | undefined {
  const filled = (fill: (part: Part) => string): string =>
    template.replace(/\{([a-z]+)\}/g, (text, name: string) => {
      const part = parts.get(name);
      return part ? fill(part) : text;
    });
  const sample = filled(() => 'x');
  if (/[{}\s]/.test(sample) || !URL.canParse(sample)) return undefined;
  // What is pushed must not choose where people are led.
  const { protocol, origin } = new URL(sample);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  if (new URL(filled(() => 'y')).origin !== origin) return undefined;
  return (update) => filled((part) => escaped(part(update)));
}

/** The page of the image, where its registry is known to have one. */
export const imagePage: UpdateLink = ({ repository, tag }) => {
  const [host, ...path] = repository.split('/');
  const name = escaped(path.join('/'));
  if (host === 'quay.io') return `https://quay.io/repository/${name}?tab=tags`;
  if (host !== 'docker.io') return undefined;
  const [, official] = /^library\/(.+)$/.exec(name) ?? [];
  const page = official === undefined ? `r/${name}` : `_/${official}`;
  return `https://hub.docker.com/${page}/tags?name=${escaped(tag)}`;
};

function escaped(text: string): string {
  return text.toWellFormed().split('/').map(encodeURIComponent).join('/');
}
