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
