import { z } from 'zod';
import { splitName } from '../core/image-name.ts';
import { hostIn, imageParts, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Push, Registry } from '../core/registry.ts';
import { badBody, fieldAt, optionalText, readFields, textAt } from '../core/webhook-fields.ts';

const Resource = z.object({
  tag: optionalText,
  digest: optionalText,
  /** `host/path:tag` */
  resource_url: optionalText,
});
const EventData = z.object({
  resources: z.array(Resource).max(1000),
  repository: z.object({ repo_full_name: optionalText }).nullish(),
});

/** Tencent Container Registry, Enterprise Edition: triggers. The form is the one of Harbor 1.x. */
export const tcr: Registry = {
  name: 'tcr',
  spec: 'https://www.tencentcloud.com/document/product/1051/37254',
  recognises: ({ body }) => {
    const resources = fieldAt(body, 'event_data', 'resources');
    const first: unknown = Array.isArray(resources) ? resources[0] : undefined;
    const host = hostIn(textAt(first, 'resource_url'));
    return textAt(body, 'type') !== '' && host?.endsWith('.tencentcloudcr.com') === true;
  },
  parse({ body, registryHost }) {
    const type = textAt(body, 'type');
    if (type === '') throw badBody('tcr', 'type must be the action that triggered it, such as "pushImage"');
    if (type !== 'pushImage') return [];
    const data = readFields('tcr', EventData, fieldAt(body, 'event_data'), ['event_data']);
    const path = data.repository?.repo_full_name ?? '';
    return data.resources.flatMap((resource) =>
      pushIn(resource, { path, registryHost, pusher: textAt(body, 'operator') }),
    );
  },
};

/** What an event says of all its resources. */
interface Told {
  readonly path: string;
  readonly registryHost: string | undefined;
  /** The number of an account, as a rule. */
  readonly pusher: string;
}

function pushIn(
  { tag, digest, resource_url: url }: z.infer<typeof Resource>,
  { path: fullName, registryHost, pusher }: Told,
): readonly Push[] {
  if (!tagsAnImage(tag) || tag === digest) return [];
  const { host, path } = splitName(imageParts(url).name);
  const place =
    host === undefined
      ? { field: 'event_data.repository.repo_full_name', host: registryHost, path: fullName }
      : { field: 'event_data.resources.resource_url', host, path };
  return pushesOf(repositoryAt({ source: 'tcr', ...place }), tag, digest, pusher);
}
