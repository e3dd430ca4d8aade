import { z } from 'zod';
import { flag, httpUrl, optional, parsed, withDefault } from './variable.ts';

/** Who is called so: whoever has UK_ADMIN_TOKEN. */
const taken = 'admin';

/** `name:token` pairs, separated by white space; somebody may have several tokens. */
const tokenPairs = parsed((given): ReadonlyMap<string, readonly string[]> | undefined => {
  const pairs = given.split(/\s+/).map((pair) => /^([a-z0-9][a-z0-9-]{0,62}):([\x21-\x7e]{16,})$/.exec(pair));
  if (!pairs.every((pair) => pair !== null && pair[1] !== taken)) return undefined;
  const byName = Map.groupBy(pairs, (pair) => pair?.[1] ?? '');
  return new Map([...byName].map(([name, all]) => [name, all.map((pair) => pair?.[2] ?? '')]));
});

/** Keys of signatures, separated by white space while they are changed. */
const linkKeys = parsed((given): readonly Buffer[] | undefined => {
  const keys = given.split(/\s+/);
  return keys.every((key) => key.length >= 32) ? keys.map((key) => Buffer.from(key)) : undefined;
});

/** Who may approve updates, and by what the command line is known. */
export const approvalVariables = {
  approvalTokens: optional({
    name: 'UK_APPROVAL_TOKENS',
    doc: 'Who may vote over HTTP where a workload names token:NAME as approver, each with a token of his own.',
    allowed:
      'name:token pairs, one a line or separated by spaces, names of a-z, 0-9 and - but not admin, tokens of at least 16 characters',
    schema: tokenPairs,
    secret: true,
  }),
  approvalKubernetes: withDefault('false', {
    name: 'UK_APPROVAL_KUBERNETES',
    doc: 'Whether users of Kubernetes vote over HTTP with their tokens; needs k8s/kubernetes-votes (docs/approvals-api.md).',
    allowed: 'true or false',
    schema: flag,
  }),
  voteLinkKeys: optional({
    name: 'UK_VOTE_LINK_SECRET',
    doc: 'Signs links that let a person vote (docs/approvals-api.md). Several, newest first, while it is changed. Empty: no links.',
    allowed: 'at least 32 characters without spaces; needs UK_PUBLIC_URL',
    schema: linkKeys,
    secret: true,
  }),
  publicUrl: optional({
    name: 'UK_PUBLIC_URL',
    doc: 'Where people reach the service: the beginning of those links.',
    allowed: 'an http or https URL',
    schema: httpUrl,
    url: true,
  }),
  voterToken: optional({
    name: 'UK_TOKEN',
    doc: 'Bearer token of the command line when it votes, such as one of kubectl create token. Empty: UK_ADMIN_TOKEN. The service does not read it.',
    allowed: 'a token without spaces',
    schema: z.string().regex(/^[\x21-\x7e]+$/),
    secret: true,
  }),
} as const;
