import type { ServerResponse } from 'node:http';
import type { Change, FakeCluster } from './cluster.ts';

/** A real server's rhythm is a minute; a run is too short for that. */
const bookmarkMs = 5000;

/** What is watched: one kind in one namespace. */
export interface Watched {
  readonly namespace: string;
  readonly kind: string;
  readonly from: number;
}

/** Streams every change after `from`, and bookmarks, until the client leaves. Only Deployments ever change. */
export function watch(
  cluster: FakeCluster,
  { namespace, kind, from }: Watched,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const send = (change: Change): void => {
    if (kind === 'Deployment' && change.namespace === namespace) response.write(change.line);
  };
  cluster.changesSince(from).forEach(send);
  const unsubscribe = cluster.subscribe(send);
  const bookmarks = setInterval(() => response.write(bookmark(kind, cluster.version())), bookmarkMs);
  response.on('close', () => {
    unsubscribe();
    clearInterval(bookmarks);
  });
}

function bookmark(kind: string, version: number): string {
  const metadata = { resourceVersion: String(version) };
  return `${JSON.stringify({ type: 'BOOKMARK', object: { kind, metadata } })}\n`;
}
