import { request } from 'node:https';
import { request as plainRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';

/** Who calls which API server. */
export interface KubernetesAccess {
  readonly server: string;
  readonly caPem?: string | undefined;
  readonly token?: string | undefined;
}

/**
 * A call of a Kubernetes API that owes nothing to the product's own client.
 *
 * @returns the JSON of the answer. Throws when it is no 2xx.
 */
export async function kubernetesCall(
  { server, caPem, token }: KubernetesAccess,
  method: string,
  path: string,
  body?: unknown,
  contentType = 'application/json',
): Promise<unknown> {
  const url = new URL(path, server);
  const options = {
    method,
    agent: false,
    headers: { 'content-type': contentType, ...(token ? { authorization: `Bearer ${token}` } : {}) },
  };
  const sent =
    url.protocol === 'https:' ? request(url, { ...options, ca: caPem }) : plainRequest(url, options);
  sent.setTimeout(10_000, () => sent.destroy(new Error(`${method} ${path}: no answer`)));
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const content = await text(answer);
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 299) throw new Error(`${method} ${path} answered ${status}: ${content}`);
  return JSON.parse(content) as unknown;
}
