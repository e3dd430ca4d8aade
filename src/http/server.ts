import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Express } from 'express';
import { AppError, messageOf } from '../core/errors.ts';
import type { Info } from '../flows/describe-target.ts';
import { systemClock } from '../lib/clock.ts';
import { apiRoutes, type ApiOptions } from './api.ts';
import { requireSecret } from './auth.ts';
import { methodNotAllowed, notTheCallersFault } from './errors.ts';
import { limitFailures } from './failed-attempts.ts';
import { failuresPerAddress } from './limits.ts';
import { bareApp, finishApp, type StatusOptions } from './status.ts';
import { createTally } from './tally.ts';
import type { TlsOptions } from './tls.ts';
import { webhookRoutes, type WebhookOptions } from './webhook.ts';

/** A path that somebody else takes POSTs at, who reads the body himself. */
export interface Endpoint {
  readonly path: string;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export interface AppOptions extends ApiOptions, StatusOptions {
  readonly endpoint?: Endpoint | undefined;
  readonly webhook: WebhookOptions;
  /** Undefined = `/info` is not there. */
  readonly info: ((signal: AbortSignal) => Promise<Info>) | undefined;
  /** Milliseconds that only grow; the machine's when absent. */
  readonly nowMs?: () => number;
}

/** Every route of the service. */
export function createApp(options: AppOptions): Express {
  const { info, nowMs = systemClock.monotonicMs } = options;
  const failures = createTally(failuresPerAddress, nowMs);
  const app = bareApp();
  app.use(webhookRoutes(options.webhook));
  // Wherever a token or a link could be guessed; webhooks have a limit of their own.
  app.use(['/api/v1', '/info'], limitFailures(failures, options.webhook.clients, 401));
  app.use('/vote', limitFailures(failures, options.webhook.clients, 403));
  app.use(apiRoutes(options));
  if (options.endpoint) {
    const { path, handle } = options.endpoint;
    app.route(path).post(handle).all(methodNotAllowed('POST'));
  }
  if (info) {
    const route = app.route('/info').get(async (request, response) => {
      requireSecret(request, options.adminToken);
      response.json(await info(AbortSignal.timeout(5000)).catch(notTheCallersFault));
    });
    route.all(methodNotAllowed('GET'));
  }
  return finishApp(app, options);
}

/** Limits against slow and many connections: node enforces its timeouts only as often as it looks. */
const limits = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 8 * 1024,
};
const maxConnections = 10_000;

/**
 * Listens.
 *
 * @param port 0 = any free one.
 * @param tls undefined = plain HTTP.
 * @throws AppError `bad-config` when the port cannot be had, or the certificate cannot be used.
 */
export async function listen(app: Express, port: number, tls?: TlsOptions): Promise<Server> {
  const server = createAnyServer(tls, (request, response) => {
    // While we close, no connection is kept: one that is used again and again would never be idle.
    if (!server.listening) response.setHeader('connection', 'close');
    response.once('finish', () => server.listening || server.closeIdleConnections());
    app(request, response);
  });
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new AppError('bad-config', `UK_PORT=${port} cannot be listened on: ${cause.message}`, { cause }),
      );
    });
    server.listen(port, resolve);
  });
  return server;
}

function createAnyServer(tls: TlsOptions | undefined, listener: RequestListener): Server {
  if (tls === undefined) return createServer(limits, listener);
  try {
    return createTlsServer({ ...limits, ...tls, handshakeTimeout: limits.headersTimeout }, listener);
  } catch (cause) {
    const files = 'UK_TLS_CERT_FILE, UK_TLS_KEY_FILE and UK_TLS_CLIENT_CA_FILE';
    throw new AppError('bad-config', `${files} cannot be used: ${messageOf(cause)}`, { cause });
  }
}

/** Takes no new connection, lets requests under way end, and cuts what is idle. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await closed;
}
