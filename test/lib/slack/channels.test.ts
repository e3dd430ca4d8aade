import { describe, expect, test } from '@jest/globals';
import { createChannelFinder } from '../../../src/lib/slack/channels.ts';
import { createSlackClient } from '../../../src/lib/slack/client.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { startFakeSlack } from '../../support/fake-slack/index.ts';

const { signal } = new AbortController();
const start = closedAfterEach(startFakeSlack);

async function started() {
  const slack = await start();
  const { workspace, apiUrl } = slack;
  return { slack, find: createChannelFinder(createSlackClient({ token: workspace.botToken, apiUrl })) };
}

describe('a channel', () => {
  test.each(['deploys', '#deploys'])('is found by its name, and looked up once: %s', async (name) => {
    const { slack, find } = await started();

    expect([await find(name, signal), await find(name, signal)]).toEqual(['C0DEPLOY1', 'C0DEPLOY1']);
    expect(slack.count('conversations.list')).toBe(1);
  });

  test('keeps its id when it is renamed', async () => {
    const { slack, find } = await started();
    await find('deploys', signal);
    slack.workspace.channels = [{ id: 'C0DEPLOY1', name: 'old-deploys', isMember: true }];

    expect(await find('deploys', signal)).toBe('C0DEPLOY1');
  });

  test.each(['deploys', '#deploys'])('that is to be forgotten is looked up anew: %s', async (forgotten) => {
    const { slack, find } = await started();
    await find('deploys', signal);
    await find('other', signal);
    slack.workspace.channels = [
      { id: 'C0DEPLOY1', name: 'deploys', isMember: true, isArchived: true },
      { id: 'C0DEPLOY2', name: 'deploys', isMember: true },
    ];

    find.forget(forgotten);

    expect(await find('deploys', signal)).toBe('C0DEPLOY2');
    expect(await find('other', signal)).toBe('C0OTHER01');
    expect(slack.count('conversations.list')).toBe(3);
  });

  test.each(['C0DEPLOY1', '#C0DEPLOY1', 'G0DEPLOY1', 'D0ADA0001'])(
    'is not looked up by its id: %s',
    async (id) => {
      const { slack, find } = await started();

      expect(await find(id, signal)).toBe(id.replace('#', ''));
      expect(slack.count('conversations.list')).toBe(0);
    },
  );

  test('that was never found, or is given by its id, can be forgotten too', async () => {
    const { slack, find } = await started();

    find.forget('nowhere');
    find.forget('C0DEPLOY1');

    expect(await find('C0DEPLOY1', signal)).toBe('C0DEPLOY1');
    expect(slack.count('conversations.list')).toBe(0);
  });

  test('that is not there is an error that says what to do, and is there when it has been made', async () => {
    const { slack, find } = await started();
    await expect(find('#new', signal)).rejects.toMatchObject({
      ...{
        code: 'not-found',
        message: expect.stringMatching(/^slack: there is no channel #new .*check the name/),
      },
    });
    slack.workspace.channels = [{ id: 'C0NEW0001', name: 'new', isMember: true }];

    expect(await find('#new', signal)).toBe('C0NEW0001');
  });
});
