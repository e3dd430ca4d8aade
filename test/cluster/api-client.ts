import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** The answer of the API server. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** The few requests that starting a cluster takes. */
export interface ApiClient {
  /** `undefined` when there is no answer. */
  get(path: string): Promise<ApiAnswer | undefined>;
  /** @throws Error when the answer is not 2xx */
  post(path: string, object: unknown): Promise<void>;
}

const requestTimeoutMs = 5_000;

/** A client for the API server at `server`, which must prove itself by a certificate of `caPem`. */
export function apiClient(server: string, caPem: string, token: string): ApiClient {
  async function send(method: string, path: string, object?: unknown): Promise<ApiAnswer> {
    const sent = request(new URL(path, server), {
      method,
      ca: caPem,
      // A kept connection would outlive the API server that a test kills.
      agent: false,
      signal: AbortSignal.timeout(requestTimeoutMs),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    sent.end(object === undefined ? undefined : JSON.stringify(object));
    const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    return { status: answer.statusCode ?? 0, body: await text(answer) };
  }
  return {
    async get(path) {
      try {
        return await send('GET', path);
      } catch {
        // Not listening yet, or gone in the middle of the answer: the caller asks again.
        return undefined;
      }
    },
    async post(path, object) {
      const { status, body } = await send('POST', path, object);
      if (status < 200 || status > 299) throw new Error(`POST ${path}: ${status} ${body}`);
    },
  };
}
