import { z } from 'zod';
import { splitName } from '../core/image-name.ts';
import { imageParts, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Push, Registry } from '../core/registry.ts';
import { badBody, fieldAt, hasField, optionalText, readFields, textAt } from '../core/webhook-fields.ts';
import { headerProof } from '../core/webhook-proofs.ts';

const Resource = z.object({
  tag: optionalText,
  digest: optionalText,
  /** `host/path:tag`, or `host/path@digest` for what was pushed without a tag. */
  resource_url: optionalText,
});
type HarborResource = z.infer<typeof Resource>;

const Repository = z.object({ name: optionalText, namespace: optionalText, repo_full_name: optionalText });
const none = { name: '', namespace: '', repo_full_name: '' };

const Data = z.object({
  resources: z.array(Resource).max(1000).nullish(),
  repository: Repository.nullish(),
});

/** Of Harbor 2, Harbor 1, and the CloudEvents form. */
const pushTypes = ['PUSH_ARTIFACT', 'pushImage', 'harbor.artifact.pushed'];

/** Harbor: webhooks of a project, in the default and the CloudEvents payload format. */
export const harbor: Registry = {
  name: 'harbor',
  spec: 'https://goharbor.io/docs/main/working-with-projects/project-configuration/configure-webhooks/',
  proofs: [headerProof('authorization')],
  recognises: ({ body }) => {
    const type = textAt(body, 'type');
    return type.startsWith('harbor.') || (type !== '' && hasField(body, 'event_data'));
  },
  parse({ body, registryHost }) {
    const type = textAt(body, 'type');
    // A policy of the type Slack sends messages for people.
    if (type === '' && hasField(body, 'text', 'blocks')) return [];
    if (type === '') throw badBody('harbor', 'type must say what happened, such as "PUSH_ARTIFACT"');
    if (!pushTypes.includes(type)) return [];
    const at = type.startsWith('harbor.') ? 'data' : 'event_data';
    const { resources, repository } = readFields('harbor', Data, fieldAt(body, at), [at]);
    const path = pathOf(repository ?? undefined);
    const pusher = textAt(body, 'operator');
    return (resources ?? []).flatMap((resource, n) =>
      pushesIn(resource, { at: `${at}.resources.${n}.resource_url`, path, registryHost, pusher }),
    );
  },
};

/** What an event says of the repository beside its resources; empty when nothing. */
function pathOf({ name, namespace, repo_full_name: full }: z.infer<typeof Repository> = none): string {
  return full || [namespace, name].filter((part) => part !== '').join('/');
}

interface Place {
  readonly at: string;
  /** What `repository` says: it counts only where the resource has no address. */
  readonly path: string;
  readonly registryHost: string | undefined;
  readonly pusher: string;
}

function pushesIn(
  { tag: given, digest: told, resource_url: url }: HarborResource,
  { at, path, registryHost, pusher }: Place,
): readonly Push[] {
  const image = imageParts(url);
  const tag = given || image.tag;
  const digest = told || image.digest;
  // What was pushed by its digest has that for a tag: the parts of an image of many architectures.
  if (!tagsAnImage(tag) || `${image.name}${path}` === '') return [];
  const { host = registryHost, path: rest } = image.name === '' ? { path } : splitName(image.name);
  return pushesOf(repositoryAt({ source: 'harbor', field: at, host, path: rest }), tag, digest, pusher);
}
