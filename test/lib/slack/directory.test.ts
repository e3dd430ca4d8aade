import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import { slackParts, type SlackParts } from '../../support/slack-parts.ts';

const { signal } = new AbortController();
let slack: FakeSlack;
let parts: SlackParts;
beforeEach(async () => {
  slack = await startFakeSlack();
  parts = slackParts(slack);
});
afterEach(() => slack.close());

const handles = async () => (await parts.directory.groups(signal)).map(({ handle }) => handle);

describe('groups', () => {
  test('are asked for again after 15 seconds, and not before', async () => {
    await handles();
    slack.workspace.groups = [];

    await parts.clock.advance(14_999);
    const before = await handles();
    await parts.clock.advance(1);

    expect([before, await handles()]).toEqual([['ops'], []]);
    expect(slack.count('usergroups.list')).toBe(2);
  });

  test('that are switched off are none', async () => {
    slack.workspace.groups = [{ id: 'S0OFF0001', handle: 'off', users: ['U0ADA0001'], disabled: true }];

    expect(await handles()).toEqual([]);
  });

  test('that may not be seen are none, which is logged; those that Slack does not tell are a failure', async () => {
    slack.fail('usergroups.list', { kind: 'status', status: 503 });
    await expect(handles()).rejects.toMatchObject({ code: 'unavailable' });
    slack.workspace.scopes = [];

    expect(await handles()).toEqual([]);
    expect(parts.log.lines).toMatchObject([{ level: 'warn' }]);
  });
});

describe('a user', () => {
  test('is asked for every time: who votes is never remembered', async () => {
    const first = await parts.directory.user('U0ADA0001', signal);
    slack.workspace.users = [{ id: 'U0ADA0001', name: 'ada', deleted: true }];
    const second = await parts.directory.user('U0ADA0001', signal);

    expect(first).toEqual({
      ...{ id: 'U0ADA0001', teamId: 'T0ACME001', handle: 'ada', displayName: 'Ada' },
      ...{ fullName: 'Ada Lovelace', email: 'ada@acme.example', acts: true },
    });
    expect(second?.acts).toBe(false);
  });

  test('that is not there is a value, by id and by address', async () => {
    expect(await parts.directory.user('U0NOBODY1', signal)).toBeUndefined();
    expect(await parts.directory.userByEmail('nobody@acme.example', signal)).toBeUndefined();
    expect((await parts.directory.userByEmail('ADA@acme.example', signal))?.id).toBe('U0ADA0001');
  });
});
