import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { ReplayResult } from '../flows/replay.ts';
import { approvalRoutes, type ApprovalOptions } from './approvals.ts';
import { requireAdmin } from './auth.ts';
import { readBody } from './body.ts';
import { methodNotAllowed, notTheCallersFault } from './errors.ts';
import { unpack } from './unpack.ts';
import { voteLinkRoutes, type VoteLinkOptions } from './vote-links.ts';

export interface ApiOptions {
  /** Undefined = nobody may give orders. */
  readonly adminToken: string | undefined;
  replay(name: string, receiver: string | undefined): Promise<ReplayResult>;
  /** Absent = nobody votes over HTTP. */
  readonly approvals?: ApprovalOptions;
  /** Absent = there are no links to vote by. */
  readonly voteLinks?: VoteLinkOptions;
}

const ReplayOrder = z.strictObject({ receiver: z.string().optional() });

/** What people and the command line order: `POST /api/v1/updates/:name/replay`, and votes. */
export function apiRoutes(options: ApiOptions): Router {
  const router = express.Router();
  if (options.approvals) router.use(approvalRoutes(options.approvals));
  if (options.voteLinks) router.use(voteLinkRoutes(options.voteLinks, options.adminToken));
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

async function readOrder(request: Request): Promise<z.output<typeof ReplayOrder>> {
  const body = await readBody(request);
  const order = ReplayOrder.safeParse(body.length === 0 ? {} : unpack(request.headers, body));
  if (order.success) return order.data;
  throw new AppError('bad-request', 'the body may be {"receiver": "name"}, {} or empty');
}
