import { z } from 'zod';
import { hostIn, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Push, Registry, WebhookRequest } from '../core/registry.ts';
import { badBody, fieldAt, optionalText, readFields, textAt } from '../core/webhook-fields.ts';
import { hmacProof } from '../core/webhook-proofs.ts';

const Package = z.object({
  type: z.string(),
  name: z.string(),
  /** The tag; the digest where there is none. */
  version: z.string(),
  owner: z.object({ login: optionalText, username: optionalText }).nullish(),
  html_url: optionalText,
});

/** Gitea and Forgejo: the webhook event "package". It looks like GitHub's, also in its headers. */
export const gitea: Registry = {
  name: 'gitea',
  spec: 'https://docs.gitea.com/usage/repository/webhooks',
  proofs: [
    hmacProof({ header: 'x-gitea-signature', algorithm: 'sha256' }),
    hmacProof({ header: 'x-forgejo-signature', algorithm: 'sha256' }),
    hmacProof({ header: 'x-hub-signature-256', algorithm: 'sha256', prefix: 'sha256=' }),
  ],
  recognises: (request) =>
    eventOf(request) !== '' || textAt(request.body, 'package', 'html_url').includes('/-/packages/'),
  parse(request) {
    const event = eventOf(request);
    if (event !== '' && event !== 'package') return [];
    if (textAt(request.body, 'action') === '') {
      throw badBody('gitea', 'action must be what happened to the package: "created" or "deleted"');
    }
    return pushesIn(request);
  },
};

function pushesIn({ body, registryHost }: WebhookRequest): readonly Push[] {
  const pack = readFields('gitea', Package, fieldAt(body, 'package'), ['package']);
  const { type, name, version, owner, html_url: url } = pack;
  if (textAt(body, 'action') !== 'created' || type !== 'container' || !tagsAnImage(version)) return [];
  // The address of the instance: images are at its top, wherever its pages are.
  const host = hostIn(url) ?? registryHost;
  const login = [owner?.login, owner?.username].find((text) => text !== undefined && text !== '');
  const path = `${login ?? ''}/${name}`.toLowerCase();
  const field = 'package.owner.login and package.name';
  // Its address is never sent: what looks like one is made of the name.
  // https://github.com/go-gitea/gitea/blob/main/services/convert/user.go
  const pusher = textAt(body, 'sender', 'login');
  return pushesOf(repositoryAt({ source: 'gitea', field, host, path }), version, null, pusher);
}

/** `package`, `push` …; empty without a header that says so. Forgejo sends Gitea's as well. */
function eventOf({ headers }: WebhookRequest): string {
  return headers['x-gitea-event'] ?? headers['x-forgejo-event'] ?? '';
}
