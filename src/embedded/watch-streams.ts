import type { ServerResponse } from 'node:http';
import { ApiError, statusOf } from './api-error.ts';
import { createTimers, type EmbeddedClock } from './clock.ts';
import type { KubeObject } from './objects.ts';
import { serialise } from './serialise.ts';
import type { State } from './state.ts';
import { backlog, bookmark, follow, type WatchEvent, type WatchRequest } from './watch.ts';

/** A watch as it came over HTTP. */
export interface StreamRequest extends WatchRequest {
  /** The stream ends after that time; without, it stays. */
  readonly timeoutSeconds: number | undefined;
  readonly bookmarks: boolean;
  /** How objects are written, when not as they are. */
  readonly format: ((object: KubeObject) => string) | undefined;
}

/** The open watches. */
export interface WatchStreams {
  open(response: ServerResponse, request: StreamRequest): void;
  /** Breaks the connection of every watch, as a restarted API server would. */
  breakAll(): void;
}

/** Streams changes of `state`, with a bookmark every `bookmarkMs` for those who want one. */
export function createWatchStreams(state: State, clock: EmbeddedClock, bookmarkMs: number): WatchStreams {
  const connections = new Set<ServerResponse>();
  const open = (response: ServerResponse, request: StreamRequest) => {
    const { resource, timeoutSeconds, format = serialise } = request;
    const write = ({ type, object }: WatchEvent) => {
      const text = type === 'BOOKMARK' ? serialise(object) : format(object);
      response.write(`{"type":"${type}","object":${text}}\n`);
    };
    const first = begin(state, request);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (first instanceof ApiError) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: statusOf(first) })}\n`);
      return;
    }
    first.forEach(write);
    const timers = createTimers(clock);
    const unsubscribe = follow(state, request, write);
    const mark = () => {
      write(bookmark(state, resource));
      timers.after(bookmarkMs, mark);
    };
    if (request.bookmarks) timers.after(bookmarkMs, mark);
    if (timeoutSeconds) timers.after(timeoutSeconds * 1000, () => response.end());
    connections.add(response);
    response.on('close', () => {
      connections.delete(response);
      timers.cancelAll();
      unsubscribe();
    });
  };
  return {
    open,
    breakAll: () => {
      for (const response of connections) response.destroy();
    },
  };
}

/** A version that is too old is told inside the stream, as the real server does. @throws ApiError 400 */
function begin(state: State, request: WatchRequest): readonly WatchEvent[] | ApiError {
  try {
    return backlog(state, request);
  } catch (error) {
    if (error instanceof ApiError && error.code === 410) return error;
    throw error;
  }
}
