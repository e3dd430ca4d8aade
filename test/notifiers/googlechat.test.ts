import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { secretText } from '../../src/core/secret-text.ts';
import { googlechat } from '../../src/notifiers/googlechat.ts';
import { aMessage, sinkContract } from '../contract/sink.ts';
import { json, status } from '../support/capture-server.ts';
import { problemsIn } from '../support/sink-vendor.ts';
import { startGooglechatKit, type GooglechatKit } from './kits/googlechat.ts';

const { signal } = new AbortController();
const fixture: unknown = JSON.parse(
  readFileSync(new URL('../fixtures/notifiers/googlechat.json', import.meta.url), 'utf8'),
);
const space = 'https://chat.googleapis.com/v1/spaces/AAAA/messages';

sinkContract('googlechat', startGooglechatKit);

describe('googlechat', () => {
  let kit: GooglechatKit;
  beforeEach(async () => {
    kit = await startGooglechatKit();
  });
  afterEach(() => kit.close());

  const send = (different = {}): Promise<void> => kit.sink.send(aMessage(different), signal);
  const body = (): string => kit.requests.at(-1)?.body ?? '';

  test('posts one card', async () => {
    await send();

    expect(JSON.parse(body())).toEqual(fixture);
    expect(kit.shown()).toEqual([aMessage().text]);
  });

  test('escapes what is HTML', async () => {
    await kit.sink.send({ ...aMessage(), text: 'head\n<b>&amp;' }, signal);

    expect(body()).toContain('<br>&lt;b&gt;&amp;amp;"');
  });

  test('keeps what is about one rollout in one thread', async () => {
    await send({ id: 'up-1-awaiting-approval', kind: 'update.awaiting-approval' });
    await send({ id: 'up-1-succeeded' });
    await send({ id: 'up-2-succeeded', thread: 'up-2' });

    expect(kit.threads()).toEqual(['up-1', 'up-1', 'up-2']);
  });

  test('is there once, however often it is sent', async () => {
    await send();
    await send();

    expect(kit.requests).toHaveLength(2);
    expect(kit.threads()).toHaveLength(1);
  });

  test.each([
    ['info', '#1967d2'],
    ['warning', '#b06000'],
    ['error', '#c5221f'],
  ])('colours the headline of %s %s', async (severity, color) => {
    await send({ severity });

    expect(body()).toContain(color);
  });

  test('calls nobody up in a notification either', async () => {
    await kit.sink.send({ ...aMessage(), text: '<users/all> look\nhere' }, signal);

    expect(kit.setOff()).toEqual([]);
    expect(JSON.parse(body())).toMatchObject({ fallbackText: '‹users/all› look' });
  });

  test.each([undefined, 'not a link', 'javascript:alert(1)'])(
    'has no button for the link %p',
    async (link) => {
      await send({ link });

      expect(kit.shown()).toHaveLength(1);
      expect(body()).not.toContain('openLink');
    },
  );

  test('uses nearly all of the room, says what is missing, and cuts no escape', async () => {
    await send({ message: '<🚢&>'.repeat(20_000) });

    expect(Buffer.byteLength(body())).toBeGreaterThan(29_900);
    expect(Buffer.byteLength(body())).toBeLessThanOrEqual(30_000);
    expect(kit.shown()[0]).toMatch(/(<🚢&>)+<?🚢?&?…$/u);
  });

  test('says what Google answered, without the token', async () => {
    kit.refuse();
    await expect(send()).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Google Chat answered 403: PERMISSION_DENIED: The API is called without a valid token.',
    });

    kit.next(json(400, { error: { code: 400, message: kit.secrets.join(' '), status: 'INVALID_ARGUMENT' } }));
    await expect(send()).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(/\?key=\*\*\*&token=\*\*\* \*\*\* \*\*\* \*\*\*$/),
    });

    kit.next(status(404));
    await expect(send()).rejects.toMatchObject({ code: 'not-found', message: 'Google Chat answered 404' });
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
