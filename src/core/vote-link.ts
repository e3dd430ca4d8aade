import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { VoteKind } from './approval.ts';

/** What a link lets one person do, once: a vote of his for what one update is to deliver. */
export interface VoteLink {
  readonly update: string;
  /** The approval's hash: what he was shown. */
  readonly hash: string;
  readonly vote: Exclude<VoteKind, 'override'>;
  /** Who it was made for, as approvers name him; whoever holds the link is taken for him. */
  readonly voter: string;
  /** Seconds since 1970; the approval's deadline. */
  readonly untilS: number;
}

/** A link as it was read, or what is wrong with it. */
export type ReadVoteLink =
  | { readonly kind: 'link'; readonly link: VoteLink }
  | { readonly kind: 'forged' }
  | { readonly kind: 'expired' };

const purpose = 'updatekate vote link 1';
const Content = z.tuple([
  z.string().min(1).max(253),
  z.string().min(1).max(64),
  z.enum(['approve', 'reject']),
  z.string().min(1).max(253),
  z.int().min(0),
]);
/** `<content>.<signature>`, both base64url. */
const form = /^([A-Za-z0-9_-]{1,2048})\.([A-Za-z0-9_-]{43})$/;

/** The last part of the link's path: what it is for, signed with `key` (HMAC-SHA256). */
export function signVoteLink({ update, hash, vote, voter, untilS }: VoteLink, key: Buffer): string {
  const content = Buffer.from(JSON.stringify([update, hash, vote, voter, untilS])).toString('base64url');
  return `${content}.${signatureOf(content, key).toString('base64url')}`;
}

/** Reads what `signVoteLink` made with one of `keys`. Total: whatever else it is given is forged. */
export function readVoteLink(text: string, keys: readonly Buffer[], now: Date): ReadVoteLink {
  const [, content = '', signature = ''] = form.exec(text) ?? [];
  const given = Buffer.from(signature, 'base64url');
  // Every key is tried, so that the time tells nothing about which of them fits.
  const fits = keys.map((key) => {
    const expected = signatureOf(content, key);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  // The last bits of a base64 text say nothing: of all the texts for one signature, only ours counts.
  if (content === '' || !fits.includes(true) || given.toString('base64url') !== signature)
    return { kind: 'forged' };
  // Signed by us, so it is ours: only another version can have written something else.
  const read = Content.safeParse(JSON.parse(Buffer.from(content, 'base64url').toString('utf8')));
  if (!read.success) return { kind: 'forged' };
  const [update, hash, vote, voter, untilS] = read.data;
  if (now.getTime() >= untilS * 1000) return { kind: 'expired' };
  return { kind: 'link', link: { update, hash, vote, voter, untilS } };
}

function signatureOf(content: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(`${purpose}\n${content}`).digest();
}
