import express, { type Response, type Router } from 'express';
import { z } from 'zod';
import { shownMoves, type Approval } from '../core/approval.ts';
import { count, isApprover, type Ballot } from '../core/ballot.ts';
import { AppError } from '../core/errors.ts';
import { linkVoter, linkVoters, voteAddresses, type VoteLinkSettings } from '../core/vote-addresses.ts';
import type { Update } from '../core/update.ts';
import { readVoteLink, type VoteLink } from '../core/vote-link.ts';
import { workloadId } from '../core/workload.ts';
import type { VoteResult } from '../flows/vote.ts';
import type { ApprovalOptions } from './approvals.ts';
import { requireAdmin } from './auth.ts';
import { readBody } from './body.ts';
import { methodNotAllowed, notTheCallersFault } from './errors.ts';
import { page } from './page.ts';
import { unpack } from './unpack.ts';

export type VoteLinkOptions = VoteLinkSettings & Pick<ApprovalOptions, 'find' | 'now' | 'vote'>;

const Wish = z.strictObject({ voter: z.string().min(1).max(253) });
const maxBodyBytes = 4096;

/**
 * Links for one person, on the administrator's order: `POST /api/v1/updates/:name/links`. And what a link leads to: a
 * page that shows what would be approved, with one button. Looking changes nothing, since mail scanners and chat
 * programs look at every link.
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
      const vote = await linkedVote(request.params.link, options);
      answer(response, vote.kind === 'vote' ? look(vote, options) : vote);
    })
    .post(async (request, response) => {
      const vote = await linkedVote(request.params.link, options);
      answer(response, vote.kind === 'vote' ? await cast(vote, options) : vote);
    })
    .all(methodNotAllowed('GET', 'POST'));
  return router;
}

/** The addresses that let `voter` vote for what the update's record shows now. */
async function linksFor(options: VoteLinkOptions, name: string, voter: string): Promise<unknown> {
  const update = await options.find(name).catch(notTheCallersFault);
  if (!update) throw new AppError('not-found', `there is no update ${name}`);
  const { approval, phase } = update;
  if (!approval || phase !== 'AwaitingApproval')
    throw new AppError('conflict', `update ${name} is ${phase}: there is nothing to decide`);
  if (!isApprover({ names: [voter], rbac: false }, approval.approvers))
    throw new AppError('conflict', `${voter} is no approver of ${name}: ${approval.approvers.join(', ')}`);
  const addresses = voteAddresses(update, voter, options);
  if (addresses) return { ...addresses, until: approval.deadlineAt };
  throw new AppError('conflict', `${voter} can have no links: they are for ${linkVoters}`);
}

/** What a page says, its status, and the one thing that can be done there. */
interface Shown {
  readonly kind: 'shown';
  readonly status: number;
  readonly title: string;
  readonly lines: readonly string[];
  readonly button?: string;
}

/** The vote that a link is for. */
interface LinkedVote {
  readonly kind: 'vote';
  readonly link: VoteLink;
  readonly ballot: Ballot;
  readonly update: Update;
}

/** The vote, or a page that says what is wrong with the link. */
async function linkedVote(text: string, { keys, now, find }: VoteLinkOptions): Promise<LinkedVote | Shown> {
  const read = readVoteLink(text, keys, now());
  if (read.kind === 'expired') return shown(410, 'Too late', 'The deadline of this vote is over.');
  // Whoever holds the link is taken for the one it was made for.
  const voter = read.kind === 'link' ? linkVoter(read.link.voter) : undefined;
  if (read.kind === 'forged' || !voter)
    return shown(403, 'Not a link of ours', 'It is incomplete, changed, or signed with a key that is gone.');
  const { link } = read;
  const update = await find(link.update).catch(notTheCallersFault);
  if (!update) return shown(404, 'No such update', `There is no update ${link.update}.`);
  // A record that was trimmed and made anew has the name and the hash of the first one, and that one's votes are gone.
  if (!update.approval || untilS(update.approval) !== link.untilS)
    return shown(409, 'Nothing to decide', 'People have been asked anew since this link was made.');
  return { kind: 'vote', link, ballot: { voter, vote: link.vote, hash: link.hash }, update };
}

function untilS({ deadlineAt }: Approval): number {
  return Math.floor(Date.parse(deadlineAt) / 1000);
}

/** What would be voted for, with the button where the vote would count. */
function look({ link, ballot, update }: LinkedVote, { now }: VoteLinkOptions): Shown {
  const result = count(update, ballot, now());
  if (result.kind === 'refused') return refused('Nothing to decide', result);
  const title = link.vote === 'approve' ? 'Approve this update?' : 'Reject this update?';
  const lines = [workloadId(update.workload), ...shownMoves(update.moves), `as ${link.voter}`];
  return { ...shown(200, title, ...lines), button: link.vote };
}

async function cast({ link, ballot }: LinkedVote, { vote }: VoteLinkOptions): Promise<Shown> {
  const result = await vote(link.update, ballot).catch(notTheCallersFault);
  if (result.kind === 'refused') return refused('Not counted', result);
  const { workload, moves } = result.update;
  const said = link.vote === 'approve' ? 'approved' : 'rejected';
  return shown(
    ...([200, 'Counted', `${workloadId(workload)} has been ${said} by ${link.voter}.`] as const),
    ...[...shownMoves(moves), `It is ${result.state} now.`],
  );
}

function refused(title: string, { reason, message }: VoteResult & { readonly kind: 'refused' }): Shown {
  if (reason === 'not-found') return shown(404, title, message);
  return shown(reason === 'expired' ? 410 : 409, title, message);
}

function shown(status: number, title: string, ...lines: readonly string[]): Shown {
  return { kind: 'shown', status, title, lines };
}

function answer(response: Response, { status, title, lines, button }: Shown): void {
  response
    .status(status)
    .set({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' })
    .type('html')
    .send(page(title, lines, button));
}
