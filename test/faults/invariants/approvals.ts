import type { Evidence } from '../evidence.ts';
import type { UpdateRecord } from '../records.ts';
import { imageOf, numberOf } from '../tags.ts';
import { asked, isRejected, isReleased, nameOf } from './asked.ts';
import { acceptedPatches, changeOf } from './patches.ts';
import type { Violations } from './violations.ts';
import { isCounted } from './votes.ts';

/**
 * Nothing goes without the votes: before each PATCH as many approvers as are wanted had sent a yes, by the clock of those
 * who sent it, and what was rejected is never there. The record is not asked: it is the product's own.
 */
export function unapproved(evidence: Evidence): Violations {
  const { asking, approvers, casts, changes } = evidence;
  const early = acceptedPatches(evidence).flatMap(({ call, sentAtMs }) => {
    const wanted = asking.get(call.name);
    if (wanted === undefined) return [];
    const votes = casts.filter(
      (cast) => imageOf(cast.deployment, cast.tag) === call.images[0] && cast.sentAtMs < sentAtMs,
    );
    const yes = new Set(votes.filter(({ vote }) => vote === 'approve').map(({ by }) => by));
    const count = approvers.filter((who) => yes.has(who)).length;
    if (count >= wanted) return [];
    return [
      `not approved: ${call.name} was patched to ${call.images.join()} after ${count} of ${wanted} votes`,
    ];
  });
  const rejected = casts
    .filter(({ vote, answer }) => vote === 'reject' && answer === 'counted')
    .filter(({ deployment, tag }) => changeOf(changes.get(deployment), imageOf(deployment, tag)))
    .map(({ update, deployment, tag }) => `rejected and moved: update ${update} (${deployment} ${tag})`);
  return [...early, ...rejected];
}

/** A record asks for what its Deployment asks for, and ends as its votes say, each in time and of one who may. */
export function wrongGates(evidence: Evidence): Violations {
  return asked(evidence).flatMap((record) => {
    const { approval, wanted, phase } = record;
    const what = `wrong gate: ${nameOf(record)}`;
    if (!approval)
      return phase === 'Pending' || phase === 'Superseded'
        ? []
        : [`${what} is ${phase}, and nobody was asked`];
    const ids = approval.given.map(({ by }) => by.id);
    const late = approval.given.some(({ at }) => Date.parse(at) >= Date.parse(approval.deadlineAt));
    const passed = ['Delivering', 'RollingOut', 'Succeeded'].includes(phase);
    return [
      ...(approval.votes === wanted ? [] : [`${what} wants ${approval.votes} votes, not ${wanted}`]),
      ...(new Set(ids).size === ids.length ? [] : [`${what} has votes of one person twice: ${ids.join()}`]),
      ...(ids.every((id) => evidence.approvers.includes(id))
        ? []
        : [`${what} has a stranger's vote: ${ids.join()}`]),
      ...(late ? [`${what} has a vote that came too late`] : []),
      ...(passed && !isReleased(approval) ? [`${what} is ${phase} without its votes`] : []),
      ...((phase === 'Rejected') === isRejected(approval)
        ? []
        : [`${what} is ${phase}; its votes say otherwise`]),
      ...(phase === 'Superseded' && !hasNewer(record, evidence) ? [`${what} is Superseded by nothing`] : []),
      ...(phase === 'Expired' && isReleased(approval) ? [`${what} is Expired and had its votes`] : []),
      ...(phase === 'Expired' && evidence.takenAtMs < Date.parse(approval.deadlineAt)
        ? [`${what} expired early`]
        : []),
    ];
  });
}

function hasNewer({ deployment, tag }: UpdateRecord, { records }: Evidence): boolean {
  return records.some((one) => one.deployment === deployment && numberOf(one.tag) > numberOf(tag));
}

/** What people have decided is done in the end: delivered, rejected or expired, unless a newer one took its place. */
export function undecided(evidence: Evidence): Violations {
  const { casts, changes, approvers } = evidence;
  const unanswered = casts
    .filter(({ answer }) => answer === undefined)
    .map(({ by, update, tries }) => `not answered: ${by}'s vote for update ${update}, after ${tries} tries`);
  const open = asked(evidence).flatMap((record) => {
    if (record.phase === 'Superseded') return [];
    const counted = casts.filter((cast) => cast.update === record.name && isCounted(cast));
    const isNo = counted.some(({ vote }) => vote === 'reject');
    const yes = new Set(counted.filter(({ vote }) => vote === 'approve').map(({ by }) => by));
    const released = !isNo && approvers.filter((who) => yes.has(who)).length >= record.wanted;
    if (isNo && record.phase !== 'Rejected') return [`not rejected: ${nameOf(record)} is ${record.phase}`];
    if (!released || changeOf(changes.get(record.deployment), imageOf(record.deployment, record.tag)))
      return [];
    return [`not delivered: ${nameOf(record)} has its votes and is ${record.phase}`];
  });
  return [...unanswered, ...open];
}
