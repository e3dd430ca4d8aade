/** One call of the Kubernetes API. */
export interface RestCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the server's address, `/apis/…`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of the body; JSON when it is not said. */
  readonly contentType?: string;
}

/** The Kubernetes API as JSON over HTTP: what stores and leases in the cluster are made with. */
export interface Rest {
  /** @throws AppError with the code of the server's Status; `unavailable` or `timeout` when there was no answer. */
  json(call: RestCall, signal: AbortSignal): Promise<unknown>;
  /** A streaming GET: the lines of the body as they come. The deadline covers the first answer only. */
  lines(call: RestCall, signal: AbortSignal): Promise<AsyncIterable<string>>;
}

/** Told of everything that happens to the objects below a path, in order. */
export interface ListWatchHandler<T> {
  /**
   * What is kept of an object; undefined = nothing. Called as objects arrive, so that a large cluster's list is never
   * in memory as a whole.
   */
  read(object: unknown): T | undefined;
  /** The complete state at a resource version: what is not in it is gone. */
  replaced(items: readonly T[], version: string): void;
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', item: T): void;
  /** Whether changes arrive, and what stopped them. */
  alive(alive: boolean, error?: unknown): void;
}

/** Lists and watches the collection at `path` until `signal` fires, whatever breaks meanwhile. Never rejects. */
export type ListWatch = <T>(path: string, handler: ListWatchHandler<T>, signal: AbortSignal) => Promise<void>;
