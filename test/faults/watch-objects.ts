import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { kubernetesCall, type KubernetesAccess } from '../support/kubernetes-call.ts';

/** What is read of any object. */
export interface Versioned {
  readonly metadata: { readonly resourceVersion: string };
}

interface Event {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Versioned & { readonly code?: number };
}

const againMs = 50;

/**
 * Tells of every state of the objects below a path, until `signal` fires: a watch that owes nothing to the product's
 * own. After a break it goes on from where it was; states that the API server has forgotten are not told.
 */
export async function watchObjects(
  access: KubernetesAccess,
  path: string,
  seen: (object: Versioned) => void,
  signal: AbortSignal,
): Promise<void> {
  let version: string | undefined;
  while (!signal.aborted) {
    try {
      version ??= await list(access, path, seen);
      version = await follow(access, `${path}?watch=true&resourceVersion=${version}`, version, seen, signal);
    } catch {
      // The API server is away, which is what is being tried.
      await pause(againMs);
    }
  }
}

async function list(
  access: KubernetesAccess,
  path: string,
  seen: (object: Versioned) => void,
): Promise<string> {
  const page = (await kubernetesCall(access, 'GET', path)) as Versioned & { items: Versioned[] };
  page.items.forEach(seen);
  return page.metadata.resourceVersion;
}

/** The version to go on from; undefined = the server has forgotten it. */
async function follow(
  { server, caPem, token }: KubernetesAccess,
  path: string,
  from: string,
  seen: (object: Versioned) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const headers = { authorization: `Bearer ${token ?? ''}` };
  const sent = request(new URL(path, server), { agent: false, ca: caPem, headers, signal });
  sent.on('error', () => undefined);
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  if (answer.statusCode === 410) return undefined;
  if (answer.statusCode !== 200) throw new Error(`the watch was answered ${answer.statusCode ?? '?'}`);
  let version = from;
  for await (const line of createInterface(answer)) {
    const { type, object } = readEvent(line) ?? {};
    if (!object || type === undefined) break;
    if (type === 'ERROR') return undefined;
    version = object.metadata.resourceVersion;
    if (type !== 'DELETED' && type !== 'BOOKMARK') seen(object);
  }
  return version;
}

/** A killed server leaves half a line. */
function readEvent(line: string): Event | undefined {
  try {
    return JSON.parse(line) as Event;
  } catch {
    return undefined;
  }
}
