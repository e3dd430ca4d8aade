import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../cluster/wait-for.ts';
import { isWrite, type ApiCall } from '../api-call.ts';
import type { Asking } from '../new-deployments.ts';
import { approvalFigures } from '../invariants/asked.ts';
import { isAccepted } from '../journal.ts';
import { leader } from '../leader.ts';
import type { Rule } from '../rules.ts';
import { needsTwo, type Breakage, type Count, type Scenario, type Site } from '../scenario.ts';
import { calmMix } from '../traffic.ts';
import { approvalTokens, stranger, type Opinion, type Shown } from '../voters.ts';
import { seeded } from '../../support/random.ts';

const pushesPerSecond = 3;
const hitMs = 40_000;
/** Kills of whoever it may be, in a round. */
const anyone = 3;
const gapMs = { least: 300, most: 2000 };
/** One vote each comes at once, the other so many milliseconds after (before) the deadline. */
const offsetsMs = [-4000, -150, 0, 150] as const;
/** What is pushed for it is rejected, and pushed again. */
const refused = 'refused';
const late = offsetsMs.map((_, at) => `late-${at + 1}`);

/** Half of them want one vote, half of them two; the shortest deadline there is takes a minute. */
const asking: ReadonlyMap<string, Asking> = new Map([
  ...Array.from({ length: 12 }, (_, at): [string, Asking] => [
    `asks-${at + 1}`,
    { votes: 1 + (at % 2), deadline: '20m' },
  ]),
  [refused, { votes: 2, deadline: '20m', quiet: true }],
  ...late.map((name): [string, Asking] => [name, { votes: 2, deadline: '1m', quiet: true }]),
]);

/** A place to kill a replica at, and whose it is. */
interface Moment {
  readonly what: string;
  readonly of: 'leader' | 'follower';
  readonly when: Rule['when'];
  /** Whether it is this call, of an installation. */
  is(call: ApiCall, site: Site): boolean;
}

/** People decide about pushes by whatever replica answers, and it is killed before, after and between. */
export const killAtVotes: Scenario = {
  name: 'kill-at-votes',
  installation: {
    ...{ deployments: 4, asking },
    environment: () => ({ UK_APPROVAL_TOKENS: approvalTokens }),
  },
  skip: needsTwo,
  async run(site) {
    const { pusher, voters, lab } = site;
    const lateVotes = Promise.all(late.map((name, at) => voteLate(site, name, offsetsMs[at] ?? 0)));
    const rejection = reject(site);
    pusher.start(pushesPerSecond, calmMix);
    voters.start(opinionOf(lab.options.seed));
    const broken: Count[] = [];
    for (let round = 0; round < lab.options.rounds; round++) {
      for (const moment of momentsOf(site)) broken.push(await killAt(site, moment));
      for (let n = 0; n < anyone; n++) broken.push(await killAnyone(site));
    }
    await rejection;
    await pusher.stop();
    await lateVotes;
    await voters.stop();
    return outcomeOf(site, broken);
  },
};

async function outcomeOf(site: Site, broken: readonly Count[]): Promise<Breakage> {
  const evidence = await site.evidence();
  const { casts, records } = evidence;
  const votes = (answer: string): number => casts.filter((cast) => cast.answer === answer).length;
  const kills = broken.reduce((sum, { count }) => sum + count, 0);
  return {
    broken: [
      { what: 'SIGKILL', count: kills, atLeast: broken.length },
      ...broken.filter(({ count, atLeast }) => count < atLeast),
      // Without these nothing was tried.
      { what: 'votes counted', count: votes('counted'), atLeast: 10 },
      { what: "strangers' votes", count: votes('not-an-approver'), atLeast: 1 },
      { what: 'rejections', count: records.filter(({ phase }) => phase === 'Rejected').length, atLeast: 1 },
    ],
    figures: approvalFigures(evidence),
    violations: [],
  };
}

/**
 * What each person thinks of an update, by the seed: mostly that it may go; sometimes one says no, before or after the
 * others' yes; sometimes they are too few, so that it must wait for ever.
 */
function opinionOf(seed: number): Opinion {
  return (who, { deployment, tag, votes }: Shown) => {
    if (asking.get(deployment)?.quiet) return undefined;
    if (who === stranger) return 'approve';
    const random = seeded(seed, `opinion of ${deployment} ${tag}`);
    const [mood, first] = [random.next(), random.between(0, 2)];
    const place = (['ann', 'bob', 'eve'].indexOf(who) + first) % 3;
    if (mood < 0.15) return place < votes - 1 ? 'approve' : undefined;
    if (mood < 0.35) return place === 0 ? 'reject' : 'approve';
    return 'approve';
  };
}

/** A yes at once, and another one around the deadline: whatever is answered to that, the update has to end so. */
async function voteLate({ voters, pusher, traffic }: Site, name: string, offsetMs: number): Promise<void> {
  await pusher.push(name, traffic.newTag(name));
  const shown = await voters.shown(name);
  // What went without being asked about is found by what is checked at the end.
  if (!shown) return;
  await voters.vote('ann', shown, 'approve');
  await pause(Math.max(0, Date.parse(shown.deadlineAt) + offsetMs - Date.now()));
  await voters.vote('bob', shown, 'approve');
}

/** One says yes, one says no, and the registry sends the same again: it must not be put to the vote anew. */
async function reject({ voters, pusher, traffic }: Site): Promise<void> {
  const tag = traffic.newTag(refused);
  await pusher.push(refused, tag);
  const shown = await voters.shown(refused);
  if (!shown) return;
  await voters.vote('ann', shown, 'approve');
  await voters.vote('bob', shown, 'reject');
  await pusher.push(refused, tag);
}

/** A vote changes the number of votes; other writes of the record repeat it. */
function isVote(call: ApiCall, { journal }: Site, before: number): boolean {
  const { approval } = call;
  if (!approval || !isWrite(call) || call.phase !== 'AwaitingApproval' || approval.given === 0) return false;
  const same = journal.writes().filter((write) => {
    return write.call.name === call.name && (write.call.approval?.given ?? 0) >= approval.given;
  });
  return same.filter(isAccepted).length === before;
}

/** Once each: a vote that is lost, one that is not answered, one that is not acted on; and one place of the leader's. */
function momentsOf({ random }: Site): readonly Moment[] {
  const asks = (call: ApiCall): boolean => call.phase === 'AwaitingApproval' && call.approval?.given === 0;
  const releases = (call: ApiCall): boolean => call.phase === 'Delivering' && call.approval !== undefined;
  const patches = ({ resource, verb, name }: ApiCall): boolean =>
    resource === 'deployments' && verb === 'patch' && asking.has(name);
  const when = random.pick(['before', 'after'] as const);
  const own = random.pick([
    { what: `${when} record AwaitingApproval`, is: asks },
    { what: `${when} record Delivering`, is: releases },
    { what: `${when} patch`, is: patches },
  ]);
  const isLast = ({ approval }: ApiCall): boolean => (approval?.given ?? 0) >= (approval?.votes ?? Infinity);
  const unanswered: Moment = {
    ...{ what: 'after a vote that leaves it open', of: 'follower', when: 'after' },
    is: (call, site) => isVote(call, site, 1) && !isLast(call),
  };
  return [
    { what: 'before vote', of: 'follower', when: 'before', is: (call, site) => isVote(call, site, 0) },
    ...[unanswered, unanswered],
    {
      ...{ what: 'between vote and delivery', of: 'leader', when: 'after' },
      is: (call, site) => isVote(call, site, 1) && isLast(call),
    },
    { ...own, of: 'leader', when },
  ];
}

/** Arms the kill and waits until it has happened; pushes and votes come by themselves. */
async function killAt(site: Site, { what, of, when, is }: Moment): Promise<Count> {
  await pause(site.random.between(gapMs.least, gapMs.most));
  const leading = (await leader(site)).replica.name;
  const isWhose = ({ replica }: ApiCall): boolean => (of === 'leader') === (replica === leading);
  const matches = (call: ApiCall): boolean => isWhose(call) && is(call, site);
  const armed = site.rules.arm({ matches, when, act: { kind: 'kill' }, times: 1 });
  await waitFor(what, hitMs, () => Promise.resolve(armed.fired() > 0 ? true : undefined)).catch(
    () => undefined,
  );
  armed.disarm();
  site.say(`${what}: ${armed.fired() > 0 ? 'killed' : 'NOT REACHED'}`);
  return { what, count: armed.fired(), atLeast: 1 };
}

async function killAnyone({ random, stations }: Site): Promise<Count> {
  await pause(random.between(gapMs.least, gapMs.most));
  await random.pick(stations).replica.kill();
  return { what: 'at random', count: 1, atLeast: 1 };
}
