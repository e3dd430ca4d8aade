import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import type { VoteKind } from '../core/approval.ts';
import type { Ballot, RefusedVote, Voter } from '../core/ballot.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';
import type { Update } from '../core/update.ts';
import type { VoteResult } from '../flows/vote.ts';
import { pageOf, readPageWish } from './approval-page.ts';
import { readBody } from './body.ts';
import { methodNotAllowed, notTheCallersFault } from './errors.ts';
import { shownUpdate, shownVotes } from './shown-update.ts';
import { mayLookAt, sightOf } from './sight.ts';
import { unpack } from './unpack.ts';
import type { Identity, Voters } from './voters.ts';

export interface ApprovalOptions {
  readonly voters: Voters;
  readonly now: () => Date;
  find(name: string): Promise<Update | undefined>;
  /** What people are waited for, in the order of `byAge`. */
  awaiting(): Promise<readonly Update[]>;
  vote(name: string, ballot: Ballot): Promise<VoteResult>;
}

/** How long who knows the rights of people may take. */
const patienceMs = 8000;
const maxBodyBytes = 16 * 1024;
const maxReason = 1000;
const votes: readonly VoteKind[] = ['approve', 'reject', 'override'];

/** The AppError code whose status a refusal has. */
const refusals: Readonly<Record<RefusedVote | 'not-found', ErrorCode>> = {
  'not-found': 'not-found',
  'reason-missing': 'bad-request',
  'not-an-approver': 'forbidden',
  'own-request': 'forbidden',
  'override-not-allowed': 'forbidden',
  'other-request': 'conflict',
  decided: 'conflict',
  superseded: 'conflict',
  expired: 'conflict',
  'voted-already': 'conflict',
  'not-asked': 'conflict',
};

/** What was shown is what is approved: `hash` is never filled in here. */
const VoteBody = z.strictObject({
  hash: z.string().min(1).max(64),
  reason: z.string().max(maxReason).optional(),
});

/** Votes, and what there is to vote on: `/api/v1/approvals`, `/api/v1/updates/:name` and its `/approve` and so on. */
export function approvalRoutes(options: ApprovalOptions): Router {
  const router = express.Router();
  const list = router.route('/api/v1/approvals').get(async (request, response) => {
    const identity = await identityOf(options, request);
    const wish = readPageWish(request.query);
    const awaiting = await options.awaiting().catch(notTheCallersFault);
    const { updates, next } = await pageOf(awaiting, wish, sightOf(identity));
    const approvals = updates.map((update) => shownUpdate(update, options.now()));
    response.set('cache-control', 'no-store').json({ approvals, continue: next });
  });
  list.all(methodNotAllowed('GET'));
  const one = router.route('/api/v1/updates/:name').get(async (request, response) => {
    const identity = await identityOf(options, request);
    const { name } = request.params;
    const update = await options.find(name).catch(notTheCallersFault);
    // Who may not see it is not told that it is there.
    if (!update || !(await mayLookAt(identity, update))) throw notThere(name);
    response.set('cache-control', 'no-store').json(shownUpdate(update, options.now()));
  });
  one.all(methodNotAllowed('GET'));
  for (const vote of votes) {
    const route = router.route(`/api/v1/updates/:name/${vote}`).post(async (request, response) => {
      const [status, answer] = await castIn(options, request, vote);
      response.status(status).json(answer);
    });
    route.all(methodNotAllowed('POST'));
  }
  return router;
}

/** The vote that a request is, and the answer to it. Nobody's body is read before he has shown who he is. */
async function castIn(
  options: ApprovalOptions,
  request: Request,
  vote: VoteKind,
): Promise<readonly [status: number, answer: unknown]> {
  const identity = await identityOf(options, request);
  const { hash, reason } = await readVote(request);
  const name = String(request.params.name);
  const update = await options.find(name).catch(notTheCallersFault);
  if (!update) throw notThere(name);
  const voter = await voterFor(identity, update, vote);
  const said = reason === undefined || reason.trim() === '' ? {} : { reason };
  const result = await options.vote(name, { voter, vote, hash, ...said }).catch(notTheCallersFault);
  if (result.kind === 'counted') return [200, counted(result)];
  // As when he looks at it: who may not see it is not told that it is there. The log is, of his try.
  if (!(await maySee(identity, voter, update))) throw notThere(name);
  const { reason: why, message } = result;
  const { code, status } = new AppError(refusals[why], message);
  return [status, { error: { code, reason: why, message } }];
}

function counted({ update, state }: VoteResult & { readonly kind: 'counted' }): unknown {
  const { name, phase, approval } = update;
  return { update: name, phase, state, votes: approval?.votes, given: approval && shownVotes(approval) };
}

async function identityOf({ voters }: ApprovalOptions, request: Request): Promise<Identity> {
  return voters.identify(request, AbortSignal.timeout(patienceMs));
}

/** Only the right that this vote needs is asked for. */
async function voterFor(
  { person, names, via, may }: Identity,
  update: Update,
  vote: VoteKind,
): Promise<Voter> {
  const isOverride = vote === 'override';
  return {
    ...{ person, names, via },
    rbac: !isOverride && (await may('approve', update)),
    mayOverride: isOverride && (await may('override', update)),
  };
}

/** Without a question to Kubernetes where the vote has had an answer already. */
async function maySee(identity: Identity, { rbac, mayOverride }: Voter, update: Update): Promise<boolean> {
  return rbac || mayOverride || (await mayLookAt(identity, update));
}

async function readVote(request: Request): Promise<z.output<typeof VoteBody>> {
  const body = await readBody(request, maxBodyBytes);
  const vote = VoteBody.safeParse(unpack(request.headers, body));
  if (vote.success) return vote.data;
  const allowed = `"hash" (of what you were shown: GET it) and "reason" (at most ${maxReason} characters)`;
  throw new AppError('bad-request', `the body must be a JSON object with ${allowed}, and nothing else`);
}

function notThere(name: string): AppError {
  return new AppError('not-found', `there is no update ${name}`);
}
