import { progressOf, type Approval } from '../../core/approval.ts';
import type { ImageMove, Update } from '../../core/update.ts';
import { actionIds, buttonValue } from '../../lib/slack/button.ts';
import { code, escapeText, sentLength } from '../../lib/slack/text.ts';
import type { Resolved } from './approvers.ts';
import { decidedBy, headlines, standingOf } from './standing.ts';

/** What a message is made of besides the update. */
export interface MessageParts {
  readonly update: Update;
  readonly approval: Approval;
  /** Whom to call up, and who is not known; of the approvers. */
  readonly resolved: Pick<Resolved, 'mentions' | 'unknown'>;
  /** Where more can be read. */
  readonly link: string | undefined;
}

/** A message as Slack takes it. */
export interface SlackMessage {
  /** For notifications, and for whoever does not see blocks. */
  readonly text: string;
  readonly blocks: readonly Block[];
}

export type Block = Readonly<Record<string, unknown>>;

/** Slack takes 13 kB of blocks in all as JSON, whatever their sum by the reference, and 3000 characters in one. */
const [mostInBlock, mostOfMoves, mostNames] = [2800, 4000, 12];

/** The request, as it stands: with buttons while it is open, with the outcome from then on. Pure. */
export function requestMessage(parts: MessageParts): SlackMessage {
  const { update, approval } = parts;
  const standing = standingOf(update, approval);
  const [sign, words] = headlines[standing];
  const by = decidedBy(approval.given, (text) => escapeText(text, 60));
  const said = standing === 'open' ? progressOf(approval) : reasonOf(update);
  const headline = [`${sign} *${words}*`, by, said].filter((line) => line !== undefined).join('\n');
  const blocks = [
    section(headline),
    fields(parts),
    ...moved(update),
    ...(standing === 'open' ? [asked(parts)] : []),
    context(parts),
    ...(standing === 'open' ? [buttons(update, approval)] : []),
  ];
  return { text: `${words}: ${plainName(update)}: ${shortMoves(update.moves)}`, blocks };
}

/** What the thread is told of the rollout's end; `undefined` while there is none. Pure. */
export function resultMessage(update: Update): SlackMessage | undefined {
  if (update.phase !== 'Succeeded' && update.phase !== 'Failed' && update.phase !== 'RolledBack')
    return undefined;
  const ok = update.phase === 'Succeeded';
  const what = ok ? ':white_check_mark: *Rolled out*' : ':x: *Not rolled out*';
  const reason = reasonOf(update);
  const text = `${ok ? 'Rolled out' : 'Not rolled out'}: ${plainName(update)}: ${shortMoves(update.moves)}`;
  return { text, blocks: [section(reason === undefined ? what : `${what}\n${reason}`)] };
}

function reasonOf({ phase, reason, message }: Update): string | undefined {
  // Who said no is in the headline already.
  if (phase === 'Rejected' || phase === 'AwaitingApproval' || (reason ?? message) === undefined)
    return undefined;
  const why = message === undefined ? '' : escapeText(message, 500);
  return reason === undefined ? why : `${code(reason, 80)} ${why}`.trim();
}

function section(text: string): Block {
  return { type: 'section', text: mrkdwn(text) };
}

/** `verbatim`: Slack looks for no names and links in it of its own accord. */
function mrkdwn(text: string): Block {
  return { type: 'mrkdwn', text, verbatim: true };
}

function fields({ update, approval }: MessageParts): Block {
  const { cluster, namespace, kind, name } = update.workload;
  const all = [
    `*Cluster*\n${code(cluster, 200)}`,
    `*Namespace*\n${code(namespace, 200)}`,
    `*${escapeText(kind, 60)}*\n${code(name, 300)}`,
    `*Requested by*\n${approval.requester === undefined ? 'a push to the registry' : code(approval.requester, 300)}`,
  ];
  return { type: 'section', fields: all.map(mrkdwn) };
}

/** Old and new image of every container; the new one is what is approved, so nothing of it is left out. */
function moved({ moves, name }: Update): readonly Block[] {
  const all = moves.map(moveLine);
  const lines = all.filter((_, n) => sentLength(all.slice(0, n + 1).join('\n')) <= mostOfMoves);
  const rest = moves.length - lines.length;
  const more = `… and ${rest} more: \`kubectl get imageupdates ${name} -o yaml\``;
  return packed(rest === 0 ? lines : [...lines, more]).map(section);
}

function moveLine({ container, init, from, to }: ImageMove): string {
  const kind = init ? ' (init)' : '';
  return `${code(container, 80)}${kind}: ${code(from, 300)} → ${code(to, 600)}`;
}

/** As many lines in a block as it takes. */
function packed(lines: readonly string[]): readonly string[] {
  return lines.reduce<string[]>((blocks, line) => {
    const last = blocks.at(-1);
    const joined = last === undefined ? line : `${last}\n${line}`;
    return last !== undefined && joined.length <= mostInBlock
      ? [...blocks.slice(0, -1), joined]
      : [...blocks, line];
  }, []);
}

/** Who may approve, called up where Slack knows them. */
function asked({ update, approval, resolved }: MessageParts): Block {
  const { approvers } = approval;
  const named = approvers
    .slice(0, mostNames)
    .map((entry) => resolved.mentions.get(entry) ?? escapeText(entry, 60));
  const rest = approvers.length - named.length;
  const unknown = resolved.unknown.slice(0, mostNames).map((entry) => code(entry, 60));
  const lines = [
    `*May approve:* ${named.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`,
    ...(unknown.length === 0
      ? []
      : [
          `:warning: In Slack these stand for nobody who could vote, or for more than one: ${unknown.join(', ')}`,
        ]),
    `Or type ${code(`approve ${plainId(update)}`, 340)}`,
  ];
  return section(lines.join('\n'));
}

function context({ update, link }: MessageParts): Block {
  const digest = update.digest === undefined ? [] : [`digest ${code(update.digest, 100)}`];
  const more = link === undefined ? [] : [`<${escapeText(link, 500)}|More>`];
  return {
    type: 'context',
    elements: [mrkdwn([`update ${code(update.name, 80)}`, ...digest, ...more].join(' · '))],
  };
}

function buttons({ name }: Update, { hash }: Approval): Block {
  const button = (id: string, text: string, style: string): Block => ({
    ...{ type: 'button', action_id: id, style, value: buttonValue({ update: name, hash }) },
    text: { type: 'plain_text', text },
  });
  return {
    type: 'actions',
    elements: [button(actionIds.approve, 'Approve', 'primary'), button(actionIds.reject, 'Reject', 'danger')],
  };
}

/** What is typed to approve it. */
function plainId({ workload: { namespace, name } }: Update): string {
  return `${namespace}/${name}`;
}

function plainName(update: Update): string {
  return escapeText(plainId(update), 340);
}

function shortMoves(moves: readonly ImageMove[]): string {
  const [first, ...more] = moves.map(({ from, to }) => `${escapeText(from)} → ${escapeText(to)}`);
  return `${first ?? ''}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}
