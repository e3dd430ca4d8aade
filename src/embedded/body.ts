import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest, unsupportedMediaType } from './api-error.ts';

/** The API server's own limit. */
const maxBytes = 3 * 1024 * 1024;
/** Deeper than any real object, and shallow enough for every recursion here. */
const maxDepth = 200;

/** The media type a request gives for its body, without parameters. */
export function mediaType({ headers }: IncomingMessage): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase();
}

/** Reads a JSON body; `undefined` when there is none. @throws ApiError 400, 413 or 415 */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A body that is refused half-way must leave the connection alive for the answer.
  const read = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of read) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      const message = `limit is ${maxBytes} bytes`;
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (text.trim() === '') return undefined;
  if (!/^$|[/+]json$/.test(mediaType(request))) throw unsupportedMediaType(['application/json']);
  return parse(text);
}

function parse(text: string): unknown {
  if (depthOf(text) > maxDepth) throw badRequest(`the body is nested deeper than ${maxDepth} levels`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** How deep brackets nest, those in strings left aside. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    if (token === ']' || token === '}') depth--;
  }
  return deepest;
}
