import type { WorkloadKey } from './workload.ts';

/** What a link leads to: an update, or (without a name) a change that is none. */
export interface LinkSubject {
  readonly name?: string;
  readonly workload: WorkloadKey;
  /** Absent where the image is none that can be read. */
  readonly repository?: string;
  readonly tag?: string;
}

/** Where people read more of it; `undefined` when there is no such place. */
export type UpdateLink = (subject: LinkSubject) => string | undefined;

type Part = (subject: LinkSubject) => string | undefined;

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
  return (subject) => {
    const link = filled((part) => {
      const value = part(subject);
      return value === undefined ? missing : escaped(value);
    });
    // A link that leads nowhere is worse than none.
    return link.includes(missing) ? undefined : link;
  };
}

/** No link has it in it. */
const missing = '{}';

/** The page of the image, where its registry is known to have one. */
export const imagePage: UpdateLink = ({ repository = '', tag = '' }) => {
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
