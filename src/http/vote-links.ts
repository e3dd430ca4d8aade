import express, { type Response, type Router } from 'express';
import { z } from 'zod';
import { shownMoves } from '../core/approval.ts';
import { isAddress } from '../core/approver.ts';
import { isApprover, type Voter } from '../core/ballot.ts';
import { AppError } from '../core/errors.ts';
import { readVoteLink, signVoteLink, type VoteLink } from '../core/vote-link.ts';
import { workloadId } from '../core/workload.ts';
import type { ApprovalOptions } from './approvals.ts';
import { requireAdmin } from './auth.ts';
import { readBody } from './body.ts';
import { methodNotAllowed, notTheCallersFault } from './errors.ts';
import { page } from './page.ts';
import { unpack } from './unpack.ts';

export interface VoteLinkOptions extends Pick<ApprovalOptions, 'find' | 'now' | 'vote'> {
  /** Keys of the signatures: the first one signs, all are good. */
  readonly keys: readonly [Buffer, ...Buffer[]];
  /** Where people reach the service. */
  readonly publicUrl: string;
}

const Wish = z.strictObject({ voter: z.string().min(1).max(253) });
const maxBodyBytes = 4096;

/**
 * Links for one person, on the administrator's order: `POST /api/v1/updates/:name/links`. And what a link leads to: a page that shows what would be approved, with one button. Looking changes
 * nothing, since mail scanners and chat programs look at every link.
 */
export function voteLinkRoutes(options: VoteLinkOptions, adminToken: string | undefined): Router {
  const router = express.Router();
  router
    .route('/api/v1/updates/:name/links')
    .post(async (request, response) => {
      requireAdmin(request, adminToken);
      const wish = Wish.safeParse(unpack(request.headers, await readBody(request, maxBodyBytes)));
      if (!wish.success)
        throw new AppError('bad-request', 'the body must be {"voter": "an approver, as he is named"}');
      response.status(201).json(await linksFor(options, request.params.name, wish.data.voter));
    })
    .all(methodNotAllowed('POST'));
  router
    .route('/vote/:link')
    .get(async (request, response) => {
      const link = linkOf(request.params.link, options, response);
      if (link) await show(link, options, response);
    })
    .post(async (request, response) => {
      const link = linkOf(request.params.link, options, response);
      if (link) await cast(link, options, response);
    })
    .all(methodNotAllowed('GET', 'POST'));
  return router;
}

/** The addresses that let `voter` vote for what the update's record shows now. */
async function linksFor(
  { keys, publicUrl, find }: VoteLinkOptions,
  name: string,
  voter: string,
): Promise<unknown> {
  const update = await find(name).catch(notTheCallersFault);
  if (!update) throw new AppError('not-found', `there is no update ${name}`);
  const { approval, phase } = update;
  if (!approval || phase !== 'AwaitingApproval')
    throw new AppError('conflict', `update ${name} is ${phase}: there is nothing to decide`);
  const named = voterOf(voter);
  if (!isApprover(named, approval.approvers))
    throw new AppError('conflict', `${voter} is no approver of ${name}: ${approval.approvers.join(', ')}`);
  const untilS = Math.floor(Date.parse(approval.deadlineAt) / 1000);
  const address = (vote: VoteLink['vote']): string => {
    const link = signVoteLink({ update: name, hash: approval.hash, vote, voter, untilS }, keys[0]);
    return `${publicUrl.replace(/\/+$/, '')}/vote/${link}`;
  };
  return { voter, until: approval.deadlineAt, approve: address('approve'), reject: address('reject') };
}

/** The link, or an answer that says what is wrong with it. */
function linkOf(text: string, { keys, now }: VoteLinkOptions, response: Response): VoteLink | undefined {
  const read = readVoteLink(text, keys, now());
  if (read.kind === 'link') return read.link;
  if (read.kind === 'expired')
    answer(response, 410, { title: 'Too late', lines: ['The deadline of this vote is over.'] });
  else answer(response, 403, forged);
  return undefined;
}

const forged: Shown = {
  title: 'Not a link of ours',
  lines: ['It is incomplete, changed, or signed with a key that is gone.'],
};

async function show(link: VoteLink, { find }: VoteLinkOptions, response: Response): Promise<void> {
  const update = await find(link.update).catch(notTheCallersFault);
  if (!update) {
    answer(response, 404, { title: 'No such update', lines: [`There is no update ${link.update}.`] });
    return;
  }
  const workload = workloadId(update.workload);
  if (update.phase !== 'AwaitingApproval' || update.approval?.hash !== link.hash) {
    const lines = [`Update ${update.name} of ${workload} is ${update.phase}.`];
    answer(response, 409, { title: 'Nothing to decide', lines });
    return;
  }
  answer(response, 200, {
    title: link.vote === 'approve' ? 'Approve this update?' : 'Reject this update?',
    lines: [workload, ...shownMoves(update.moves), `as ${link.voter}`],
    button: link.vote,
  });
}

async function cast(link: VoteLink, { vote }: VoteLinkOptions, response: Response): Promise<void> {
  const ballot = { voter: voterOf(link.voter), vote: link.vote, hash: link.hash };
  const result = await vote(link.update, ballot).catch(notTheCallersFault);
  if (result.kind === 'refused') {
    answer(response, 409, { title: 'Not counted', lines: [result.message] });
    return;
  }
  const { workload, moves } = result.update;
  const said = link.vote === 'approve' ? 'approved' : 'rejected';
  const lines = [
    `${workloadId(workload)} has been ${said} by ${link.voter}.`,
    ...shownMoves(moves),
    `It is ${result.state} now.`,
  ];
  answer(response, 200, { title: 'Counted', lines });
}

/** Whoever holds the link is taken for the one it was made for. */
function voterOf(voter: string): Voter {
  const id = isAddress(voter) ? voter.toLowerCase() : voter;
  const person = { id, name: voter, ...(isAddress(voter) ? { email: id } : {}) };
  return { person, names: [voter], rbac: false, mayOverride: false, via: 'link' };
}

/** What a page says, and the one thing that can be done there. */
interface Shown {
  readonly title: string;
  readonly lines: readonly string[];
  readonly button?: string;
}

function answer(response: Response, status: number, { title, lines, button }: Shown): void {
  response
    .status(status)
    .set({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' })
    .type('html')
    .send(page(title, lines, button));
}
