import { z } from 'zod';
import { pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Registry } from '../core/registry.ts';
import { badBody, hasField, optionalText, readFields, textAt } from '../core/webhook-fields.ts';

const Push = z.object({
  push_data: z.object({ tag: optionalText, digest: optionalText }),
  repository: z.object({
    repo_full_name: optionalText,
    namespace: optionalText,
    name: optionalText,
    region: optionalText.refine((text) => /^[a-z0-9-]*$/.test(text), 'must be a region, such as cn-hangzhou'),
  }),
});

/** Alibaba Cloud Container Registry (ACR): the trigger of a repository. */
export const aliyun: Registry = {
  name: 'aliyun',
  spec: 'https://www.alibabacloud.com/help/en/acr/user-guide/manage-webhooks',
  recognises: ({ body }) =>
    isOfEventBridge(body) ||
    (hasField(body, 'push_data') &&
      (textAt(body, 'repository', 'repo_full_name') !== '' || textAt(body, 'repository', 'region') !== '')),
  parse({ body, registryHost }) {
    if (isOfEventBridge(body)) return [];
    if (!hasField(body, 'push_data', 'repository')) {
      throw badBody('aliyun', 'the body must have push_data and repository');
    }
    const { push_data: push, repository } = readFields('aliyun', Push, body);
    if (!tagsAnImage(push.tag)) return [];
    const { region, repo_full_name: full, namespace, name } = repository;
    // An instance of one's own has a host that no payload has: the region's is the shared one's.
    const shared = region === '' ? undefined : `registry.${region}.aliyuncs.com`;
    const field = 'repository.repo_full_name';
    const path = (full || `${namespace}/${name}`).toLowerCase();
    const place = { source: 'aliyun', field, host: registryHost ?? shared, path };
    return pushesOf(repositoryAt(place), push.tag, push.digest);
  },
};

/** EventBridge tells of builds, scans and signatures as CloudEvents. Its word for a push has no published form. */
function isOfEventBridge(body: unknown): boolean {
  return !hasField(body, 'push_data') && /^cr:[A-Z]/.test(textAt(body, 'type'));
}
