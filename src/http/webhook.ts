import express, { type Request, type Response, type Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { AppError } from '../core/errors.ts';
import { canonicalRepository } from '../core/image-ref.ts';
import type { Push, Registry, WebhookRequest } from '../core/registry.ts';
import type { PushAnswer } from '../flows/receive-push.ts';
import { requireSecret } from './auth.ts';
import { parseJsonBody, readBody } from './body.ts';
import { methodNotAllowed } from './errors.ts';

export interface WebhookOptions {
  readonly registries: readonly Registry[];
  /** Of plain `POST /webhook`, when no dialect recognises the body. */
  readonly fallback: Registry;
  readonly token: string | undefined;
  /** Webhooks per second and address; 0 = no limit. */
  readonly ratePerSecond: number;
  receive(pushes: readonly Push[], dryRun: boolean): Promise<PushAnswer>;
  /** Told of every answer, with the dialect. */
  readonly answered: (source: string, status: number, seconds: number) => void;
}

/** `POST /webhook`, `/webhook/:source`, `/webhook/:source/:token`: HTTP body → pushes → answer. */
export function webhookRoutes(options: WebhookOptions): Router {
  const router = express.Router();
  const steps = [
    timing(options),
    ...(options.ratePerSecond > 0 ? [limiter(options.ratePerSecond)] : []),
    (request: Request, response: Response) => answer(options, request, response),
  ];
  for (const path of ['/webhook', '/webhook/:source', '/webhook/:source/:token']) {
    router
      .route(path)
      .post(...steps)
      .all(methodNotAllowed('POST'));
  }
  return router;
}

async function answer(options: WebhookOptions, request: Request, response: Response): Promise<void> {
  requireSecret(request, options.token);
  const named = dialectByName(options, request);
  const host = registryHost(request);
  const raw = await readBody(request);
  const webhook: WebhookRequest = {
    ...{ headers: headersOf(request), body: parseJsonBody(raw), raw, registryHost: host },
  };
  const dialect = named ?? options.registries.find((one) => one.recognises(webhook)) ?? options.fallback;
  response.locals.source = dialect.name;
  const pushes = dialect.parse(webhook);
  const result = await options.receive(pushes, request.query.dryRun === 'true');
  response.status(result.updates.length > 0 || result.parked ? 202 : 200).json(result);
}

/** The dialect that the path names; plain `/webhook` names none. */
function dialectByName({ registries }: WebhookOptions, { params }: Request): Registry | undefined {
  const { source } = params;
  if (typeof source !== 'string') return undefined;
  const found = registries.find(({ name }) => name === source);
  if (found) return found;
  const known = registries.map(({ name }) => name).join(', ');
  throw new AppError('unknown-source', `no such source; known: ${known}`);
}

function headersOf({ headers }: Request): WebhookRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function registryHost({ query }: Request): string | undefined {
  const host = query.registry;
  if (host === undefined) return undefined;
  if (typeof host === 'string' && isHost(host)) return host;
  throw new AppError('bad-request', '?registry= must be a host, such as quay.example.com:8443');
}

function isHost(text: string): boolean {
  return (
    !text.includes('/') && canonicalRepository(`${text}/x`)?.startsWith(`${text.toLowerCase()}/`) === true
  );
}

/** The limit is far above what a registry sends: it is there for a flood, and per address. */
function limiter(perSecond: number): express.RequestHandler {
  return rateLimit({
    windowMs: 1000,
    limit: perSecond,
    standardHeaders: false,
    legacyHeaders: false,
    // Behind a proxy every sender has the proxy's address: known, and no reason to write to the console.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: () => {
      throw new AppError('rate-limited', 'too many webhooks from this address', { retryAfterMs: 1000 });
    },
  });
}

function timing({ answered }: WebhookOptions): express.RequestHandler {
  return (_request, response, next) => {
    const started = process.hrtime.bigint();
    response.on('finish', () => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const source: unknown = response.locals.source;
      answered(typeof source === 'string' ? source : 'unknown', response.statusCode, seconds);
    });
    next();
  };
}
