import type { ServerResponse } from 'node:http';
import type { FakeCluster } from './cluster.ts';

/** A real server's rhythm is a minute; a run is too short for that. */
const bookmarkMs = 5000;

/** Streams every change after `from`, and bookmarks, until the client leaves. */
export function watch(cluster: FakeCluster, from: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  for (const { line } of cluster.changesSince(from)) response.write(line);
  const unsubscribe = cluster.subscribe(({ line }) => response.write(line));
  const bookmarks = setInterval(() => response.write(bookmark(cluster.version())), bookmarkMs);
  response.on('close', () => {
    unsubscribe();
    clearInterval(bookmarks);
  });
}

function bookmark(version: number): string {
  const metadata = { resourceVersion: String(version) };
  return `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Deployment', apiVersion: 'apps/v1', metadata } })}\n`;
}
