import express, { type Request, type Response, type Router } from 'express';
import { AppError } from '../core/errors.ts';
import type { Push, Registry, WebhookRequest } from '../core/registry.ts';
import type { PushAnswer } from '../flows/receive-push.ts';
import type { Authentication } from './authentication/index.ts';
import { readBody, tooLarge, usualBodyBytes } from './body.ts';
import type { ClientAddresses } from './client-address.ts';
import { methodNotAllowed } from './errors.ts';
import { shakeHands, type HandshakeOptions } from './handshake.ts';
import { limiter } from './rate-limit.ts';
import { toWebhook } from './to-webhook.ts';
import { answerValidation } from './validation.ts';

export interface WebhookOptions extends HandshakeOptions {
  readonly registries: readonly Registry[];
  /** Of plain `POST /webhook`, when no dialect recognises the body. */
  readonly fallback: Registry;
  readonly authentication: Authentication;
  readonly clients: ClientAddresses;
  /** Webhooks per second and address; 0 = no limit. */
  readonly ratePerSecond: number;
  receive(pushes: readonly Push[], dryRun: boolean): Promise<PushAnswer>;
  /** Told of every answer, with the dialect. */
  readonly answered: (source: string, status: number, seconds: number) => void;
}

/** `POST /webhook`, `/webhook/:source`, `/webhook/:source/:token`: HTTP body → pushes → answer. */
export function webhookRoutes(options: WebhookOptions): Router {
  const { authentication, clients, ratePerSecond } = options;
  const router = express.Router();
  const limit = ratePerSecond > 0 ? [limiter(ratePerSecond, clients)] : [];
  const otherwise = methodNotAllowed('POST', 'OPTIONS');
  const dialectsFor = (request: Request): readonly Registry[] => dialectsOf(options, request);
  const validation = answerValidation({ authentication, ratePerSecond, dialectsFor }, otherwise);
  const post = (request: Request, response: Response) => answer(options, request, response);
  for (const path of ['/webhook', '/webhook/:source', '/webhook/:source/:token']) {
    router
      .route(path)
      .post(timing(options), ...limit, post)
      .options(...limit, validation)
      .all(otherwise);
  }
  return router;
}

async function answer(options: WebhookOptions, request: Request, response: Response): Promise<void> {
  const { authentication, receive } = options;
  const dialects = dialectsOf(options, request);
  authentication.atTheDoor(request, dialects);
  const raw = await readBody(request, Math.max(...dialects.map(maxBytesOf)));
  const { webhook, problem } = toWebhook(request, raw);
  const dialect = spokenIn(options, dialects, problem ? undefined : webhook);
  if (raw.length > maxBytesOf(dialect)) throw tooLarge(maxBytesOf(dialect));
  const sender = await authentication.identify(request, dialect, webhook);
  // Only now: what is wrong with a body is told to those who may send one.
  if (problem) throw problem;
  response.locals.source = dialect.name;
  const isDry = request.query.dryRun === 'true';
  const wish = dialect.handshake?.(webhook);
  if (wish) {
    response.json(await shakeHands(options, wish, sender, isDry));
    return;
  }
  const result = await receive(dialect.parse(webhook), isDry);
  response.status(result.updates.length > 0 || result.parked ? 202 : 200).json(result);
}

/** Those that a request may be in: the one that the path names; plain `/webhook` names none, and the default is first. */
function dialectsOf({ registries, fallback }: WebhookOptions, { params }: Request): readonly Registry[] {
  const { source } = params;
  if (typeof source !== 'string') return [...new Set([fallback, ...registries])];
  const found = registries.find(({ name }) => name === source);
  if (found) return [found];
  const known = registries.map(({ name }) => name).join(', ');
  throw new AppError('unknown-source', `no such source; known: ${known}`);
}

/** The one that a request is in; the default for what cannot be read. */
function spokenIn(
  { registries, fallback }: WebhookOptions,
  possible: readonly Registry[],
  webhook: WebhookRequest | undefined,
): Registry {
  const [only, ...more] = possible;
  if (only && more.length === 0) return only;
  return (webhook && registries.find((one) => one.recognises(webhook))) ?? fallback;
}

function maxBytesOf({ maxBodyBytes = usualBodyBytes }: Registry): number {
  return maxBodyBytes;
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
