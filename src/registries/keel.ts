import { z } from 'zod';
import { splitName } from '../core/image-name.ts';
import { hostIn, imageParts, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Registry } from '../core/registry.ts';
import { isFields, optionalText, readFields, textAt } from '../core/webhook-fields.ts';

/** `name` is an image's name as Docker writes it: without a host it is one of Docker Hub. */
const Native = z.object({
  host: optionalText,
  name: z.string().min(1),
  tag: optionalText,
  digest: optionalText,
});
const keys: ReadonlySet<string> = new Set(Object.keys(Native.shape));

/** Keel's native webhook, the simplest body there is: what CI jobs send with curl. */
export const keel: Registry = {
  name: 'keel',
  spec: 'https://keel.sh/docs/#native-webhooks',
  // Nothing tells who made it: whoever has these fields and no others is taken at his word.
  recognises: ({ body }) =>
    textAt(body, 'name') !== '' &&
    textAt(body, 'tag') !== '' &&
    isFields(body) &&
    Object.keys(body).every((key) => keys.has(key)),
  parse({ body, registryHost }) {
    const { host: given, name: text, tag, digest } = readFields('keel', Native, body);
    if (!tagsAnImage(tag)) return [];
    const { host: inName, path } = splitName(imageParts(text.trim()).name);
    const host = inName ?? hostIn(given) ?? registryHost ?? 'docker.io';
    return pushesOf(repositoryAt({ source: 'keel', field: 'name', host, path }), tag, digest);
  },
};
