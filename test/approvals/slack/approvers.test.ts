import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createApproverFinder, type ApproverFinder } from '../../../src/approvals/slack/approvers.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import { slackParts, type SlackParts } from '../../support/slack-parts.ts';

const { signal } = new AbortController();
let slack: FakeSlack;
let parts: SlackParts;
let find: ApproverFinder;
beforeEach(async () => {
  slack = await startFakeSlack();
  parts = slackParts(slack);
  find = createApproverFinder(parts.directory, parts.clock);
});
afterEach(() => slack.close());

describe('approvers', () => {
  test('are called up by address, id, group and handle', async () => {
    const ids = ['U0ADA0001', 'slack:T0ACME001/U0ADA0001', 'S0OPS0001'];

    const { people, mentions, unknown } = await find(
      ['Bob@acme.example', ...ids, '@OPS', '@bob'],
      undefined,
      signal,
    );

    expect([...mentions]).toEqual([
      ['Bob@acme.example', '<@U0BOB0001>'],
      ['U0ADA0001', '<@U0ADA0001>'],
      ['slack:T0ACME001/U0ADA0001', '<@U0ADA0001>'],
      ['S0OPS0001', '<!subteam^S0OPS0001>'],
      ['@OPS', '<!subteam^S0OPS0001>'],
      ['@bob', '<@U0BOB0001>'],
    ]);
    expect({ people, unknown }).toEqual({ people: [{ name: '@bob', id: 'U0BOB0001' }], unknown: [] });
  });

  test('that nobody in Slack is, or nobody who may vote there, are told apart', async () => {
    slack.workspace.users.push(
      { id: 'U0GONE001', name: 'gone', email: 'gone@acme.example', deleted: true },
      { id: 'U0FAR0001', name: 'far', teamId: 'T0OTHER01' },
      { id: 'U0BOSS001', name: 'boss', email: 'boss@acme.example', emailConfirmed: false },
    );
    const nobodies = [
      ...['adda@acme.example', 'gone@acme.example', 'boss@acme.example', 'U0NOBODY1', 'U0GONE001'],
      ...['U0FAR0001', 'U0KATE001', 'slack:T0OTHER01/U0ADA0001', 'S0NOGROUP', '@nobody', '@gone'],
    ];
    const elsewhere = ['group:release', 'token:ci', 'kubernetes:alice', 'rbac'];

    const { mentions, unknown } = await find([...nobodies, ...elsewhere], undefined, signal);

    expect({ mentions: mentions.size, unknown }).toEqual({ mentions: 0, unknown: nobodies });
  });

  test('that may not be looked up are not said to be nobody', async () => {
    slack.workspace.scopes = slack.workspace.scopes.filter((scope) => scope !== 'users:read.email');

    expect((await find(['ada@acme.example'], undefined, signal)).unknown).toEqual([]);
  });

  test('are looked up once in ten minutes, and Slack’s pace loses nothing of that', async () => {
    const approvers = ['ada@acme.example', 'bob@acme.example', 'U0ADA0001'];
    slack.fail('users.info', { kind: 'rate-limited', retryAfterSeconds: 30 });

    await expect(find(approvers, undefined, signal)).rejects.toMatchObject({ retryAfterMs: 30_000 });
    expect((await find(approvers, undefined, signal)).mentions.size).toBe(3);
    expect([slack.count('users.lookupByEmail'), slack.count('users.info')]).toEqual([2, 2]);
    await parts.clock.advance(600_000);
    await find(approvers, undefined, signal);

    expect([slack.count('users.lookupByEmail'), slack.count('users.info')]).toEqual([4, 3]);
  });

  test('by handle are asked for once: from then on it is theirs, whoever takes it', async () => {
    const held = [{ name: '@bob', id: 'U0ADA0001' }];

    const { people, mentions, unknown } = await find(['@bob', '@ops', '@ada'], held, signal);

    expect(people).toEqual(held);
    expect(mentions.get('@bob')).toBe('<@U0ADA0001>');
    expect(mentions.get('@ops')).toBe('<!subteam^S0OPS0001>');
    expect(unknown).toEqual(['@ada']);
    expect(slack.count('users.list')).toBe(0);
  });
});
