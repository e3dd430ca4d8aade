import { z } from 'zod';
import { hostIn, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Push, Registry } from '../core/registry.ts';
import { badBody, fieldAt, optionalText, readFields, textAt } from '../core/webhook-fields.ts';
import { headerProof, hmacProof } from '../core/webhook-proofs.ts';

const header = 'x-jfrog-event-auth';

const Pushed = z.object({
  repo_key: z.string().min(1),
  /** `path/of/image/tag/list.manifest.json` */
  path: optionalText,
  image_name: optionalText,
  image_type: optionalText,
  tag: optionalText,
  sha256: optionalText,
});

/** What the webhook plugin of older versions sends. */
const TagCreated = z.object({
  docker: z.object({ image: z.string().min(1), tag: z.string() }),
  event: z.object({ repoPath: z.object({ repoKey: z.string().min(1) }) }),
});

/** JFrog Artifactory: webhooks of the domain "docker", and its older webhook plugin. */
export const jfrog: Registry = {
  name: 'jfrog',
  spec: 'https://jfrog.com/help/r/jfrog-platform-administration-documentation/event-types',
  proofs: [headerProof(header), hmacProof({ header, algorithm: 'sha256' })],
  recognises: ({ headers, body }) =>
    headers[header] !== undefined ||
    (textAt(body, 'domain') !== '' && textAt(body, 'event_type') !== '') ||
    textAt(body, 'artifactory', 'webhook', 'event') !== '',
  parse({ body, registryHost }) {
    const domain = textAt(body, 'domain');
    const type = textAt(body, 'event_type');
    const pluginEvent = textAt(body, 'artifactory', 'webhook', 'event');
    if (pluginEvent !== '') return pluginEvent === 'docker.tagCreated' ? created(body, registryHost) : [];
    if (domain === '' || type === '') {
      throw badBody(
        'jfrog',
        'domain and event_type must say what happened: "docker" and "pushed" for an image',
      );
    }
    return domain === 'docker' && type === 'pushed' ? pushed(body, registryHost) : [];
  },
};

function pushed(body: unknown, registryHost: string | undefined): readonly Push[] {
  const data = readFields('jfrog', Pushed, fieldAt(body, 'data'), ['data']);
  const { repo_key: key, tag, sha256, image_type: type } = data;
  // A repository of the type OCI holds charts and other artefacts, and says so.
  if (!['', 'docker'].includes(type.toLowerCase()) || !tagsAnImage(tag)) return [];
  const origin = hostIn(textAt(body, 'jpd_origin'));
  const image = imagePath(data);
  const field = 'data.path or data.image_name';
  const digest = /^[0-9a-f]{64}$/.test(sha256) ? `sha256:${sha256}` : null;
  // The sub-domain method of Docker access: the key of the repository is part of the host.
  const isSubDomain =
    origin !== undefined && registryHost?.toLowerCase() === `${key}.${origin}`.toLowerCase();
  const place = isSubDomain
    ? { host: registryHost, path: image }
    : { host: origin ?? registryHost, path: `${key.toLowerCase()}/${image}` };
  return pushesOf(repositoryAt({ source: 'jfrog', field, ...place }), tag, digest);
}

/** The image's path within its repository: `image_name` may be its last part only. */
function imagePath({ path, image_name: name }: z.infer<typeof Pushed>): string {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.length >= 3 ? parts.slice(0, -2).join('/') : name;
}

function created(body: unknown, host: string | undefined): readonly Push[] {
  const at = ['artifactory', 'webhook', 'data'];
  const { docker, event } = readFields('jfrog', TagCreated, fieldAt(body, ...at), at);
  const field = [...at, 'docker', 'image'].join('.');
  const path = `${event.repoPath.repoKey}/${docker.image}`;
  // The webhooks of today do not say who pushed.
  const pusher = textAt(body, ...at, 'event', 'modifiedBy');
  return pushesOf(repositoryAt({ source: 'jfrog', field, host, path }), docker.tag, null, pusher);
}
