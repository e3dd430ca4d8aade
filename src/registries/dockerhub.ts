import { z } from 'zod';
import { mayBeImage, pushesOf, repositoryAt } from '../core/pushed-image.ts';
import type { Registry } from '../core/registry.ts';
import { fieldAt, isFields, optionalText, readFields, textAt } from '../core/webhook-fields.ts';

const Pushed = z.object({
  push_data: z.object({ tag: optionalText, media_type: optionalText }),
  repository: z.object({
    /** `namespace/name`; a delivery made by hand may have the two parts only. */
    repo_name: optionalText,
    namespace: optionalText,
    name: optionalText,
  }),
});

/** Docker Hub: its one event, a push. It never sends a digest, and the same body several times for one push. */
export const dockerhub: Registry = {
  name: 'dockerhub',
  spec: 'https://docs.docker.com/docker-hub/repos/manage/webhooks/',
  // Alibaba's registry sends `push_data` and `repository` too; only Docker Hub's has `repo_name` or a `callback_url`.
  recognises: ({ body }) =>
    isFields(fieldAt(body, 'push_data')) &&
    isFields(fieldAt(body, 'repository')) &&
    fieldAt(body, 'repository', 'region') === undefined &&
    (textAt(body, 'repository', 'repo_name') || textAt(body, 'callback_url')) !== '',
  parse({ body }) {
    const { push_data: push, repository } = readFields('dockerhub', Pushed, body);
    const path = repository.repo_name || `${repository.namespace}/${repository.name}`;
    // The host is Docker Hub's whatever the body says: `quay.io/a/b` would be a path there.
    const name = repositoryAt({
      ...{ source: 'dockerhub', field: 'repository.repo_name', host: 'docker.io', path },
    });
    const pusher = textAt(body, 'push_data', 'pusher');
    // Charts and the other things that Docker Hub keeps differ by their media type alone.
    return mayBeImage(push.media_type) ? pushesOf(name, push.tag, null, pusher) : [];
  },
};
