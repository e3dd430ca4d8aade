import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decideByClick, decideByPhrase } from '../../../src/chat/slack/decide.ts';
import { enter } from '../../../src/core/update.ts';
import { keyOf } from '../../support/builders.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import { anAskedUpdate, askedAt, aVote, voted } from '../../support/slack-parts.ts';
import { aFace, type Face } from './face.ts';
import { clickBody, typedBody, valueOf } from './payloads.ts';

const { signal } = new AbortController();
let slack: FakeSlack;
let face: Face;
beforeEach(async () => {
  slack = await startFakeSlack();
  face = aFace(slack);
});
afterEach(() => slack.close());

const told = () => slack.workspace.ephemerals.at(-1)?.text;
const onlyTeam = { teamId: 'T0OTHER01' };

describe('a click', () => {
  test('approves as the person whose address Slack gives, in small letters', async () => {
    const message = await face.ask(anAskedUpdate());

    await decideByClick(face.options, clickBody(slack, message), signal);

    expect(face.ballots).toMatchObject([
      {
        vote: 'approve',
        hash: message.metadata?.event_payload.hash,
        voter: {
          person: {
            id: 'ada@acme.example',
            name: 'Ada',
            fullName: 'Ada Lovelace',
            email: 'ada@acme.example',
          },
          names: ['ada@acme.example', 'U0ADA0001', 'slack:T0ACME001/U0ADA0001'],
          ...{ rbac: false, mayOverride: false, via: 'slack' },
        },
      },
    ]);
    expect(told()).toBe('<@U0ADA0001> *shop* has been approved');
  });

  test('rejects', async () => {
    const update = anAskedUpdate();
    const message = await face.ask(update);

    await decideByClick(face.options, clickBody(slack, message, { actionId: 'updatekate_reject' }), signal);

    expect(face.updates.get(update.name)).toMatchObject({ phase: 'Rejected', message: 'rejected by Ada' });
    expect(told()).toBe('<@U0ADA0001> *shop* has been rejected');
  });

  test('that does not decide it is answered with how far it has come', async () => {
    const message = await face.ask(anAskedUpdate({ votes: 2, approvers: ['U0ADA0001', '@ops'] }));

    await decideByClick(face.options, clickBody(slack, message), signal);

    expect(told()).toContain('1 of 2');
  });

  test.each([
    ['S0OPS0001'],
    ['@ops'],
    ['U0BOB0001'],
    ['bob@acme.example'],
    ['slack:T0ACME001/U0BOB0001'],
    ['@bob'],
  ])('counts for whoever the list calls %s', async (approver) => {
    const message = await face.ask(anAskedUpdate({ approvers: [approver] }));

    await decideByClick(face.options, clickBody(slack, message, { user: 'U0ADA0001' }), signal);
    const refused = told();
    await decideByClick(face.options, clickBody(slack, message, { user: 'U0BOB0001' }), signal);

    expect(refused).toContain('you are not configured to approve');
    expect(told()).toContain('has been approved');
  });

  test('of somebody who took a handle, or calls himself by it, counts for nothing', async () => {
    const message = await face.ask(anAskedUpdate({ approvers: ['@bob', '@Bob'] }));
    slack.workspace.users = [
      { id: 'U0BOB0001', name: 'robert' },
      { id: 'U0EVIL001', name: 'bob', displayName: 'bob', realName: '@bob' },
    ];
    slack.workspace.groups = [{ id: 'S0EVIL001', handle: 'bob', users: ['U0EVIL001'] }];
    await face.parts.clock.advance(15_000);

    await decideByClick(face.options, clickBody(slack, message, { user: 'U0EVIL001' }), signal);
    const evil = told();
    await decideByClick(face.options, clickBody(slack, message, { user: 'U0BOB0001' }), signal);

    expect(evil).toContain('you are not configured to approve');
    expect(told()).toContain('has been approved');
  });

  test('of one without an address is known by his id; an address that is not confirmed is none', async () => {
    slack.workspace.users = [
      { id: 'U0ADA0001', name: 'ada', email: 'boss@acme.example', emailConfirmed: false },
    ];
    const message = await face.ask(anAskedUpdate({ approvers: ['boss@acme.example'] }));

    await decideByClick(face.options, clickBody(slack, message), signal);

    expect(face.ballots[0]?.voter.person).toEqual({ id: 'slack:T0ACME001/U0ADA0001', name: 'ada' });
    expect(told()).toContain('you are not configured to approve');
  });

  test.each([
    ['a deactivated one', { deleted: true }],
    ['a bot', { isBot: true }],
    ['one of a workspace that shares the channel', onlyTeam],
    ['one of another workspace of the same company', { ...onlyTeam, isStranger: false }],
  ])('of %s is refused', async (_, different) => {
    const message = await face.ask(anAskedUpdate());
    const ada = { id: 'U0ADA0001', name: 'ada', email: 'ada@acme.example' };
    slack.workspace.users = [{ ...ada, ...different }];

    await decideByClick(face.options, clickBody(slack, message), signal);

    expect(face.ballots).toEqual([]);
    expect(face.metrics.counted).toEqual(['vote:slack:unknown-person']);
  });

  test('without the scope for groups counts by address all the same', async () => {
    slack.workspace.scopes = slack.workspace.scopes.filter((scope) => scope !== 'usergroups:read');
    const message = await face.ask(anAskedUpdate());

    await decideByClick(face.options, clickBody(slack, message), signal);

    expect(told()).toContain('has been approved');
    expect(face.parts.log.lines).toMatchObject([{ level: 'warn' }]);
  });

  test.each([
    ['voted-already', 'approved *', anAskedUpdate({ votes: 2, approvers: ['U0ADA0001', '@ops'] })],
    ['decided', 'has been decided already', enter(voted(anAskedUpdate()), 'Delivering', askedAt)],
    ['decided', 'has been decided already', voted(anAskedUpdate(), aVote({ vote: 'reject' }))],
    ['superseded', 'a newer update', enter(anAskedUpdate(), 'Superseded', askedAt)],
    ['expired', 'not decided in time', anAskedUpdate({ deadlineAt: askedAt.toISOString() })],
    ['own-request', 'somebody else', anAskedUpdate({ requester: 'ada@acme.example' })],
    ['other-request', 'look at it again', anAskedUpdate({ hash: 'f'.repeat(32) })],
  ])('that does not count is told why, to the clicker only: %s', async (reason, words, update) => {
    const asked = anAskedUpdate({ ...update.approval, given: [] });
    const message = await face.ask(reason === 'other-request' ? anAskedUpdate() : asked);
    face.updates.set(update.name, update);
    if (reason === 'voted-already') await decideByClick(face.options, clickBody(slack, message), signal);

    await decideByClick(face.options, clickBody(slack, message), signal);

    expect(told()).toContain(words);
    expect(slack.messages()).toHaveLength(1);
    const given = reason === 'voted-already' ? 1 : (update.approval?.given.length ?? 0);
    expect(face.updates.get(update.name)?.approval?.given).toHaveLength(given);
  });

  test('on a message that was deleted meanwhile counts for nothing', async () => {
    const message = await face.ask(anAskedUpdate());
    slack.workspace.messages = [];

    await decideByClick(face.options, clickBody(slack, message), signal);

    expect(face.ballots).toEqual([]);
    expect(face.metrics.counted).toEqual(['vote:slack:other-channel']);
  });

  test('on a button that does not fit its message is refused and counted', async () => {
    const message = await face.ask(anAskedUpdate());
    const other = valueOf(message).replace(/[0-9a-f]{32}$/, '0'.repeat(32));
    const { channel, container } = clickBody(slack, message);
    const bodies = [
      clickBody(slack, message, { value: other }),
      clickBody(slack, message, { value: `up-${'0'.repeat(40)} ${'0'.repeat(32)}` }),
      clickBody(slack, message, { value: 'x' }),
      clickBody(slack, message, { actionId: 'other' }),
      { ...clickBody(slack, message), team: { id: 'T0OTHER01' } },
      { ...clickBody(slack, message), user: { id: 'U0ADA0001', team_id: 'T0OTHER01' } },
      { ...clickBody(slack, message), api_app_id: 'A0OTHER01' },
      { ...clickBody(slack, message), channel: { id: 'C0OTHER01' } },
      { ...clickBody(slack, message), container: { ...(container as object), channel_id: 'C0OTHER01' } },
      {
        ...clickBody(slack, message),
        channel: { id: 'C0OTHER01' },
        container: { ...(container as object), channel_id: 'C0OTHER01' },
      },
      { ...clickBody(slack, message), container: { ...(container as object), message_ts: '1.1' }, channel },
      { ...clickBody(slack, message), container: { type: 'view' } },
      {},
      null,
    ];

    for (const body of bodies) await decideByClick(face.options, body, signal);

    expect(face.ballots).toEqual([]);
    expect(face.metrics.counted.map((one) => one.replace('vote:slack:', ''))).toEqual([
      ...['other-request', 'other-channel', 'malformed', 'malformed', 'other-workspace', 'other-workspace'],
      ...[
        'other-app',
        'other-channel',
        'other-channel',
        'other-channel',
        'other-channel',
        'malformed',
        'malformed',
        'malformed',
      ],
    ]);
  });

  test('on a copy of the request in another channel is refused', async () => {
    const message = await face.ask(anAskedUpdate());
    const copy = { ...message, channel: 'C0OTHER01', ts: slack.workspace.nextTs() };
    slack.workspace.messages.push(copy);

    await decideByClick(face.options, clickBody(slack, copy), signal);

    expect(face.ballots).toEqual([]);
    expect(told()).toContain('was not asked about in this channel');
  });

  test('of a new member of a group counts after 15 seconds, of a former one no longer', async () => {
    const message = await face.ask(anAskedUpdate({ approvers: ['@ops'] }));
    slack.workspace.groups = [{ id: 'S0OPS0001', handle: 'ops', users: ['U0ADA0001'] }];
    await face.parts.clock.advance(15_000);

    await decideByClick(face.options, clickBody(slack, message, { user: 'U0BOB0001' }), signal);
    const former = told();
    await decideByClick(face.options, clickBody(slack, message, { user: 'U0ADA0001' }), signal);

    expect(former).toContain('you are not configured to approve');
    expect(told()).toContain('has been approved');
  });

  test('counts even when the clicker cannot be answered', async () => {
    const update = anAskedUpdate();
    const message = await face.ask(update);
    slack.fail('chat.postEphemeral', { kind: 'rate-limited', retryAfterSeconds: 9 });

    await decideByClick(face.options, clickBody(slack, message), signal);

    expect(face.updates.get(update.name)?.approval?.given).toHaveLength(1);
  });
});

describe('a phrase', () => {
  const named = (namespace: string, name: string) =>
    anAskedUpdate({}, { workload: { ...keyOf(name), namespace }, name: `up-${namespace}-${name}` });

  test.each([
    ['approve default/my-app.v2', 'approved'],
    ['approve <http://default/my-app.v2|default/my-app.v2>', 'approved'],
    ['<@U0KATE001> approve default/my-app.v2 ', 'approved'],
    ['oga approve my-app.v2', 'approved'],
    ['reject default/my-app.v2', 'rejected'],
  ])('decides: %s', async (text, words) => {
    await face.ask(named('default', 'my-app.v2'));

    await decideByPhrase(face.options, typedBody(slack, text), signal);

    expect(told()).toContain(`*my-app.v2* has been ${words}`);
  });

  test.each([
    'please never oga approve my-app.v2!',
    'oga approve my-app.v2 or not',
    '> approve default/my-app.v2',
    'approve my-app.v2',
    'OGA approve my-app.v2',
    'approve default/my-app.v2\nnot',
    'approve <http://evil/my-app.v2|default/my-app.v2>',
    'hello',
  ])('is nothing to us: %j', async (text) => {
    await face.ask(named('default', 'my-app.v2'));

    await decideByPhrase(face.options, typedBody(slack, text), signal);

    expect(face.ballots).toEqual([]);
    expect(slack.workspace.ephemerals).toEqual([]);
  });

  test('of somebody who may not is answered in the first system’s words', async () => {
    await face.ask(named('default', 'shop'));

    await decideByPhrase(face.options, typedBody(slack, 'oga approve shop', { user: 'U0BOB0001' }), signal);

    expect(slack.workspace.ephemerals).toEqual([
      {
        channel: 'C0DEPLOY1',
        user: 'U0BOB0001',
        text: '<@U0BOB0001> you are not configured to approve *shop*',
      },
    ]);
  });

  test('that stands for nothing, or for two, decides nothing', async () => {
    await face.ask(named('default', 'shop'));
    await face.ask(named('stage', 'shop'));

    await decideByPhrase(face.options, typedBody(slack, 'oga approve shop'), signal);
    const ambiguous = told();
    await decideByPhrase(face.options, typedBody(slack, 'oga approve other'), signal);

    expect(ambiguous).toContain('several updates');
    expect(told()).toContain('nothing of that name waits');
    expect(face.ballots).toEqual([]);
    expect(face.metrics.counted).toEqual(['vote:slack:ambiguous', 'vote:slack:nothing-waits']);
  });

  test('in another channel, typed before the request, edited, or from elsewhere decides nothing', async () => {
    const early = typedBody(slack, 'oga approve shop');
    await face.ask(named('default', 'shop'));

    await decideByPhrase(face.options, early, signal);
    await decideByPhrase(
      face.options,
      typedBody(slack, 'oga approve shop', { channel: 'C0OTHER01' }),
      signal,
    );
    await decideByPhrase(
      face.options,
      typedBody(slack, 'oga approve shop', { subtype: 'message_changed' }),
      signal,
    );
    await decideByPhrase(face.options, typedBody(slack, 'oga approve shop', { bot_id: 'B0OTHER01' }), signal);
    await decideByPhrase(
      face.options,
      { ...typedBody(slack, 'oga approve shop'), team_id: 'T0OTHER01' },
      signal,
    );
    await decideByPhrase(
      face.options,
      { ...typedBody(slack, 'oga approve shop'), api_app_id: 'A0OTHER01' },
      signal,
    );

    expect(face.ballots).toEqual([]);
    expect(face.metrics.counted).toEqual([
      ...[
        'vote:slack:nothing-waits',
        'vote:slack:nothing-waits',
        'vote:slack:other-workspace',
        'vote:slack:other-app',
      ],
    ]);
  });
});
