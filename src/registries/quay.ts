import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { canonicalRepository, isImageTag } from '../core/image-ref.ts';
import type { Push, Registry } from '../core/registry.ts';
import { fieldProof } from '../core/webhook-proofs.ts';

const TagList = z.array(z.string()).max(1000);
/** Tags as an array; docker-v1 pushes and old documents have an object from tag to image id. */
const UpdatedTags = z.union([
  TagList,
  z
    .record(z.string(), z.unknown())
    .transform((tags) => Object.keys(tags))
    .pipe(TagList),
]);

const RepoPush = z.object({
  docker_url: z.string().optional(),
  repository: z.string().optional(),
  updated_tags: UpdatedTags,
});

/** Quay's bodies carry no event name: an event is known by its fields. Any of these makes a body Quay's. */
const fields = [
  ...['repository', 'namespace', 'name', 'docker_url', 'homepage', 'updated_tags'],
  ...[
    'build_id',
    'docker_tags',
    'vulnerability',
    'tags',
    'expiring_in',
    'message',
    'threshold_percent',
    'image',
  ],
];

/** Red Hat Quay and Quay.io: "Push to Repository", and every other event of theirs, which is no push. */
export const quay: Registry = {
  name: 'quay',
  spec: 'https://docs.quay.io/guides/notifications.html',
  // The body may be a template of the user's, with the secret in it.
  proofs: [fieldProof('secret', 'token')],
  recognises: ({ body }) => hasField(body, ['docker_url', 'updated_tags']),
  parse({ body, registryHost }) {
    if (!hasField(body, fields)) throw new AppError('bad-request', 'quay: the body is no Quay notification');
    if (!hasField(body, ['updated_tags'])) return [];
    const push = RepoPush.safeParse(body);
    if (!push.success)
      throw new AppError('bad-request', `quay: ${describe(push.error)}`, { cause: push.error });
    const { docker_url: url, repository: path, updated_tags: tags } = push.data;
    // A self-hosted Quay always names its host in docker_url; `repository` never has one.
    const name = url === undefined || url === '' ? `${registryHost ?? 'quay.io'}/${path ?? ''}` : url;
    const repository = canonicalRepository(name);
    if (repository === undefined) {
      throw new AppError(
        'bad-request',
        `quay: docker_url or repository must name a repository, not "${name}"`,
      );
    }
    // Signatures and attestations are pushed as tags too; a tag that is none stays, so that its refusal is told.
    return tags.filter((tag) => tag !== '' && isImageTag(tag)).map((tag) => toPush(repository, tag));
  },
};

function toPush(repository: string, tag: string): Push {
  return { repository, tag, digest: null };
}

function hasField(body: unknown, names: readonly string[]): boolean {
  return typeof body === 'object' && body !== null && names.some((name) => Object.hasOwn(body, name));
}

function describe({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
}
