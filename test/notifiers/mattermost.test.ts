import { beforeEach, describe, expect, test } from '@jest/globals';
import { secretText } from '../../src/core/secret-text.ts';
import { mattermost } from '../../src/notifiers/mattermost.ts';
import { vendorSinkContract } from '../contract/vendor-sink.ts';
import { status } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { problemsIn, type VendorKit } from '../support/sink-vendor.ts';
import { mattermostError, startMattermostKit } from './kits/mattermost.ts';

const start = closedAfterEach(startMattermostKit);
const hook = 'https://chat.acme.example/hooks/abc123';

vendorSinkContract('mattermost', startMattermostKit);

describe('mattermost', () => {
  let kit: VendorKit;
  beforeEach(async () => {
    kit = await start();
  });

  test.each([
    ['info', '#1c58d9'],
    ['warning', '#e0a100'],
    ['error', '#d24b4e'],
  ] as const)('marks %s with %s', async (severity, color) => {
    await kit.send({ severity });

    expect(JSON.parse(kit.body())).toMatchObject({ attachments: [{ color }] });
  });

  test.each([undefined, 'not a link', 'javascript:alert(1)'])(
    'links nowhere for the link %p',
    async (link) => {
      await kit.send({ link });

      expect(kit.shown()).toHaveLength(1);
      expect(kit.body()).not.toContain('title_link');
    },
  );

  test('has no block of code without anything in it', async () => {
    await kit.say('shop deployed to till');

    expect(kit.shown()).toEqual(['shop deployed to till']);
    expect(JSON.parse(kit.body())).not.toHaveProperty('attachments.0.text');
  });

  test.each([
    ['a headline that would be markup', '**shop** @here [x](https://evil.example)\ntail'],
    ['a headline that is no line', '\ntail'],
    ['runs of backticks', 'head\n``` a ```` b\n`````\n@here'],
    ['more backticks than a fence has room for', `head\n${'`'.repeat(9000)}\n@here`],
    ['fences at the ends', 'head\n```\n```'],
    ["Slack's calls", 'head\n<!here> <!all> <@abc> <!channel>'],
    ['what is there already', 'head\n\\n $& $1 &amp;'],
  ])('shows %s as it is', async (_, text) => {
    await kit.say(text);

    expect(kit.shown()).toEqual([text]);
    expect(kit.setOff()).toEqual([]);
  });

  test.each([
    '**shop** done',
    '@here',
    '1. shop',
    '- shop',
    ':ship: shop',
    '# shop',
    ' shop',
    's'.repeat(201),
  ])('has no title that may be markup: %s', async (headline) => {
    await kit.say(`${headline}\ntail`, { link: undefined });

    expect(JSON.parse(kit.body())).not.toHaveProperty('attachments.0.title');
    expect(kit.shown()).toEqual([`${headline}\ntail`]);
  });

  test("makes no link of Slack's links", async () => {
    await kit.say('head\n<https://evil.example|shop> a<b c|d>');

    expect(kit.shown()).toEqual(['head\n‹https://evil.example|shop> a‹b c|d>']);
  });

  test('uses nearly all of the room, and says what is missing', async () => {
    await kit.say(`head\n${'🚢'.repeat(17_000)}`);

    const [shown = ''] = kit.shown();
    expect(Array.from(shown).length).toBeGreaterThan(16_370);
    expect(shown.endsWith('🚢…')).toBe(true);
    expect(shown.isWellFormed()).toBe(true);
  });

  test.each([
    [400, 'invalid', 'not-found', 'there is no such webhook any more: make another one'],
    [501, 'disabled', 'forbidden', 'incoming webhooks are off: see System Console, Integration Management'],
    [404, 'channel', 'not-found', "there is no such channel in the webhook's team"],
    [403, 'channel_locked', 'forbidden', 'the webhook is locked to its channel: leave out channel'],
    [403, 'permissions', 'forbidden', 'whoever made the webhook is not in the channel'],
  ])('says what to do after %d %s', async (code, name, kind, cure) => {
    kit.next(mattermostError(code, name));

    await expect(kit.send()).rejects.toMatchObject({
      code: kind,
      message: `Mattermost answered ${code} (web.incoming_webhook.${name}.app_error): ${cure}`,
    });
  });

  test('says the name of an error that it does not know, and nothing of a page', async () => {
    kit.next(mattermostError(400, 'text'));
    await expect(kit.send()).rejects.toMatchObject({
      code: 'bad-request',
      message: 'Mattermost answered 400 (web.incoming_webhook.text.app_error)',
    });

    kit.next(status(502, {}, '<html>a proxy</html>'));
    await expect(kit.send()).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Mattermost answered 502',
    });
  });

  test('does not take the page of something else for an answer', async () => {
    kit.next(status(200, {}, '<html>Sign in</html>'));

    await expect(kit.send()).rejects.toMatchObject({
      code: 'bad-request',
      message: 'Mattermost: what answered is no incoming webhook: check the URL',
    });
  });

  test.each([hook, 'http://mattermost.chat.svc:8065/hooks/abc123', 'https://acme.example/chat/hooks/abc123'])(
    'takes the URL %s',
    (url) => {
      expect(mattermost.settings.safeParse({ url: secretText(url), channel: '@ada' }).success).toBe(true);
    },
  );

  test.each([
    'somewhere',
    'ftp://chat.acme.example/hooks/abc123',
    'https://chat.acme.example/api/v4/posts',
    'https://chat.acme.example/hooks/',
    'https://ada:secret@chat.acme.example/hooks/abc123',
    `${hook}?channel=x`,
  ])('refuses the URL %s', (url) => {
    const read = mattermost.settings.safeParse({ url: secretText(url) });

    expect(read.error?.issues.map(({ path, message }) => [path, message])).toEqual([
      [['url'], 'a secret that is the URL of an incoming webhook (https://HOST/hooks/…)'],
    ]);
    expect(JSON.stringify(read.error)).not.toContain(url);
  });

  test('refuses the URL itself, channels that are none, and keys it does not know', () => {
    const messages = (given: unknown): unknown => problemsIn(mattermost, given);
    const url = secretText(hook);
    const channel = 'the name of a channel as it is in its URL, such as town-square, or @ and a user name';

    expect(messages({ url: hook })).toEqual(['{ env: NAME } or { file: PATH }, never the secret itself']);
    expect(messages({})).toEqual(['{ env: NAME } or { file: PATH }, never the secret itself']);
    expect(messages({ url, channel: 'Town Square' })).toEqual([channel]);
    expect(messages({ url, channel: 7 })).toEqual([channel]);
    expect(messages({ url, username: 'kate' })).toEqual(['url, channel']);
    expect(messages('deploys')).toEqual(['a section with url, channel']);
  });
});
