import { z } from 'zod';

const bytes = (longest: number) =>
  z.string().refine((text) => Buffer.byteLength(text) <= longest, `can have at most ${longest} characters`);
const filled = bytes(128).min(1);
const dnsName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);

/** What the API server demands of a new Event: `ValidateEventCreate` of Kubernetes 1.36; its limits count bytes. */
const SentEvent = z.strictObject({
  apiVersion: z.literal('events.k8s.io/v1'),
  kind: z.literal('Event'),
  metadata: z.strictObject({ name: dnsName, namespace: dnsName }),
  eventTime: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  type: z.enum(['Normal', 'Warning']),
  reason: filled,
  action: filled,
  note: bytes(1024),
  regarding: z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: dnsName,
    name: dnsName,
    uid: z.string().optional(),
  }),
  reportingController: z.string().regex(/^([a-z0-9.-]{1,253}\/)?[\w.-]{1,63}$/),
  reportingInstance: filled,
});
export type SentEvent = z.output<typeof SentEvent>;

/** What is wrong with an Event that is posted to a namespace. */
export function problemsInEvent(body: unknown, namespace: string): readonly string[] {
  const { data, error } = SentEvent.safeParse(body);
  if (error) return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return [data.metadata.namespace, data.regarding.namespace].some((given) => given !== namespace)
    ? ['the namespaces do not match']
    : [];
}
