import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { ReplayResult } from '../flows/replay.ts';
import { requireSecret } from './auth.ts';
import { readBody } from './body.ts';
import { methodNotAllowed, notTheCallersFault } from './errors.ts';
import { unpack } from './unpack.ts';

export interface ApiOptions {
  /** Undefined = nobody may give orders. */
  readonly adminToken: string | undefined;
  replay(name: string, receiver: string | undefined): Promise<ReplayResult>;
}

const ReplayOrder = z.strictObject({ receiver: z.string().optional() });

/** What people and the command line order: `POST /api/v1/updates/:name/replay`. */
export function apiRoutes(options: ApiOptions): Router {
  const router = express.Router();
  router
    .route('/api/v1/updates/:name/replay')
    .post(async (request, response) => {
      requireAdmin(request, options.adminToken);
      const { name } = request.params;
      const { receiver } = await readOrder(request);
      const result = await options.replay(name, receiver).catch(notTheCallersFault);
      if (result.kind !== 'due') throw new AppError(result.kind, result.message);
      response.status(202).json({ update: name, receivers: result.receivers });
    })
    .all(methodNotAllowed('POST'));
  return router;
}

/** An order needs a token, also where reading does not: without one it is refused. */
function requireAdmin(request: Request, token: string | undefined): void {
  if (token === undefined)
    throw new AppError('forbidden', 'orders are refused as long as the service has no UK_ADMIN_TOKEN');
  requireSecret(request, token);
}

async function readOrder(request: Request): Promise<z.output<typeof ReplayOrder>> {
  const body = await readBody(request);
  const order = ReplayOrder.safeParse(body.length === 0 ? {} : unpack(request.headers, body));
  if (order.success) return order.data;
  throw new AppError('bad-request', 'the body may be {"receiver": "name"}, {} or empty');
}
