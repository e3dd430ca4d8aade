import { z } from 'zod';

/** What a replica asks of the API server, in Kubernetes' own words. */
export interface ApiCall {
  readonly replica: string;
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  /** `deployments`, `imageupdates`, `imageupdates/status`, `leases` … */
  readonly resource: string;
  /** Empty for a collection; for `create` the name in the body. */
  readonly name: string;
  /** The phase that a record is written with. */
  readonly phase: string | undefined;
  /** The gate that a record is written with: how many votes it wants, and has. */
  readonly approval: { readonly votes: number; readonly given: number } | undefined;
  /** States of what its receivers are told (`pending`, `sent`). */
  readonly told: readonly string[];
  /** Images that a Deployment is patched with. */
  readonly images: readonly string[];
  /** Who a lease is written for; empty when it is given back. */
  readonly holder: string | undefined;
}

const Image = z.object({ image: z.string() });
const Containers = z.object({ containers: z.array(Image).default([]) });
/** Whatever of it is there: the bodies of different resources have nothing in common. */
const Body = z.object({
  metadata: z.object({ name: z.string().default('') }).prefault({}),
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      template: z.object({ spec: Containers.prefault({}) }).optional(),
    })
    .prefault({}),
  status: z
    .object({
      phase: z.string().optional(),
      approval: z.object({ votes: z.number(), given: z.array(z.unknown()) }).optional(),
      announcements: z.array(z.object({ state: z.string() })).default([]),
    })
    .prefault({}),
});

/** Reads a request: path and query as they came, the body as bytes. */
export function readCall(replica: string, method: string, target: string, body: Buffer): ApiCall {
  const url = new URL(target, 'http://localhost');
  const [, resource = '', name = '', sub] =
    /\/namespaces\/[^/]+\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  const { metadata, spec, status } = parseBody(body);
  return {
    replica,
    verb: verbOf(method, name, url.searchParams.get('watch') === 'true'),
    resource: sub === undefined ? resource : `${resource}/${sub}`,
    name: name === '' ? metadata.name : name,
    phase: status.phase,
    approval: status.approval && { votes: status.approval.votes, given: status.approval.given.length },
    told: status.announcements.map(({ state }) => state),
    images: spec.template?.spec.containers.map(({ image }) => image) ?? [],
    holder: spec.holderIdentity ?? undefined,
  };
}

function parseBody(body: Buffer): z.infer<typeof Body> {
  if (body.length === 0) return Body.parse({});
  const read = Body.safeParse(JSON.parse(body.toString('utf8')));
  return read.success ? read.data : Body.parse({});
}

function verbOf(method: string, name: string, watch: boolean): ApiCall['verb'] {
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  if (method === 'PATCH') return 'patch';
  if (method === 'DELETE') return 'delete';
  if (watch) return 'watch';
  return name === '' ? 'list' : 'get';
}

/** Whether the call changes something. */
export function isWrite({ verb }: ApiCall): boolean {
  return verb === 'create' || verb === 'update' || verb === 'patch' || verb === 'delete';
}

/** Whether the call is a write of the one that reconciles: a Deployment's image, or a record after its creation. */
export function isReconcilers(call: ApiCall): boolean {
  if (call.resource === 'deployments') return call.verb === 'patch';
  return call.resource.startsWith('imageupdates') && isWrite(call) && call.verb !== 'create';
}
