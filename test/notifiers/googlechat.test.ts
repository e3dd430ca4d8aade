import { beforeEach, describe, expect, test } from '@jest/globals';
import { secretText } from '../../src/core/secret-text.ts';
import { googlechat } from '../../src/notifiers/googlechat.ts';
import { vendorSinkContract } from '../contract/vendor-sink.ts';
import { json, status } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { problemsIn } from '../support/sink-vendor.ts';
import { startGooglechatKit, type GooglechatKit } from './kits/googlechat.ts';

const start = closedAfterEach(startGooglechatKit);
const space = 'https://chat.googleapis.com/v1/spaces/AAAA/messages';

vendorSinkContract('googlechat', startGooglechatKit);

describe('googlechat', () => {
  let kit: GooglechatKit;
  beforeEach(async () => {
    kit = await start();
  });

  test('escapes what is HTML', async () => {
    await kit.say('head\n<b>&amp;');

    expect(kit.body()).toContain('<br>&lt;b&gt;&amp;amp;"');
  });

  test('keeps what is about one rollout in one thread', async () => {
    await kit.send({ id: 'up-1-awaiting-approval', kind: 'update.awaiting-approval' });
    await kit.send({ id: 'up-1-succeeded' });
    await kit.send({ id: 'up-2-succeeded', thread: 'up-2' });

    expect(kit.threads()).toEqual(['up-1', 'up-1', 'up-2']);
  });

  test('is there once, however often it is sent', async () => {
    await kit.send();
    await kit.send();

    expect(kit.requests).toHaveLength(2);
    expect(kit.threads()).toHaveLength(1);
  });

  test.each([
    ['info', '#1967d2'],
    ['warning', '#b06000'],
    ['error', '#c5221f'],
  ] as const)('colours the headline of %s %s', async (severity, color) => {
    await kit.send({ severity });

    expect(kit.body()).toContain(color);
  });

  test('calls nobody up in a notification either', async () => {
    await kit.say('<users/all> look\nhere');

    expect(kit.setOff()).toEqual([]);
    expect(JSON.parse(kit.body())).toMatchObject({ fallbackText: '‹users/all› look' });
  });

  test.each([undefined, 'not a link', 'javascript:alert(1)'])(
    'has no button for the link %p',
    async (link) => {
      await kit.send({ link });

      expect(kit.shown()).toHaveLength(1);
      expect(kit.body()).not.toContain('openLink');
    },
  );

  test('uses nearly all of the room, says what is missing, and cuts no escape', async () => {
    await kit.send({ message: '<🚢&>'.repeat(20_000) });

    expect(Buffer.byteLength(kit.body())).toBeGreaterThan(29_900);
    expect(Buffer.byteLength(kit.body())).toBeLessThanOrEqual(30_000);
    expect(kit.shown()[0]).toMatch(/(<🚢&>)+<?🚢?&?…$/u);
  });

  test('says what Google answered, without the token', async () => {
    kit.refuse();
    await expect(kit.send()).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Google Chat answered 403: PERMISSION_DENIED: The API is called without a valid token.',
    });

    kit.next(json(400, { error: { code: 400, message: kit.secrets.join(' '), status: 'INVALID_ARGUMENT' } }));
    await expect(kit.send()).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(/\?key=\*\*\*&token=\*\*\* \*\*\* \*\*\* \*\*\*$/),
    });

    kit.next(status(404));
    await expect(kit.send()).rejects.toMatchObject({
      code: 'not-found',
      message: 'Google Chat answered 404',
    });
  });

  test.each([
    ['no URL', 'AAAA/messages?key=k&token=t'],
    ['another scheme', 'ftp://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t'],
    ['cut off at the first "&"', `${space}?key=k`],
    ['without a key', `${space}?token=t`],
    ['that of the space', 'https://chat.google.com/room/AAAA?key=k&token=t'],
  ])('refuses a URL that is %s', (_, url) => {
    const read = googlechat.settings.safeParse({ url: secretText(url) });

    expect(read.error?.issues.map(({ path, message }) => [path, message])).toEqual([
      [['url'], expect.stringMatching(/^a secret that is the URL of a space's webhook/)],
    ]);
    expect(JSON.stringify(read.error)).not.toContain(url);
  });

  test('takes the URL as a secret only, keys it knows, and a section', () => {
    const url = `${space}?key=k&token=t`;
    const messages = (given: unknown): unknown => problemsIn(googlechat, given);

    expect(messages({ url: secretText(url) })).toBeUndefined();
    expect(messages({ url })).toEqual(['{ env: NAME } or { file: PATH }, never the secret itself']);
    expect(messages({ url: secretText(url), space: 'deploys' })).toEqual(['url']);
    expect(messages('deploys')).toEqual(['a section with url']);
  });
});
