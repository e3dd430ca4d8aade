import { z } from 'zod';
import { pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Registry } from '../core/registry.ts';
import { badBody, fieldAt, hasField, readFields, textAt } from '../core/webhook-fields.ts';
import { hmacProof } from '../core/webhook-proofs.ts';

const idHeader = 'x-nexus-webhook-id';

const Component = z.object({
  format: z.string(),
  name: z.string(),
  /** The tag, or a digest. */
  version: z.string().nullish(),
});
/** What its kinds of events have, each one of them. */
const kinds = ['component', 'asset', 'repository', 'audit'];

/** Sonatype Nexus Repository 3: the webhook of a repository, event "component". */
export const nexus: Registry = {
  name: 'nexus',
  spec: 'https://help.sonatype.com/en/example-headers-and-payloads.html',
  proofs: [hmacProof({ header: 'x-nexus-webhook-signature', algorithm: 'sha1' })],
  recognises: ({ headers, body }) =>
    headers[idHeader] !== undefined ||
    (textAt(body, 'repositoryName') !== '' && textAt(body, 'component', 'format') !== ''),
  parse({ body, registryHost: host }) {
    if (!hasField(body, ...kinds)) throw badBody('nexus', `the body must have one of: ${kinds.join(', ')}`);
    if (!hasField(body, 'component')) return [];
    const component = fieldAt(body, 'component');
    const { format, name, version } = readFields('nexus', Component, component, ['component']);
    const tag = version ?? '';
    // A tag that is pushed again is UPDATED.
    const isPush = ['CREATED', 'UPDATED'].includes(textAt(body, 'action').toUpperCase());
    if (format !== 'docker' || !isPush || !tagsAnImage(tag)) return [];
    // The connector's host and port are nowhere in the payload.
    const repository = repositoryAt({ source: 'nexus', field: 'component.name', host, path: name });
    return pushesOf(repository, tag, null, pusherIn(body));
  },
};

/** `initiator` is the user and the address he came from: `ann/10.0.0.7`. */
function pusherIn(body: unknown): string {
  return textAt(body, 'initiator').replace(/\/.*$/s, '');
}
