import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { secretText } from '../../src/core/secret-text.ts';
import { telegram } from '../../src/notifiers/telegram.ts';
import { entitiesOf } from '../../src/notifiers/telegram/entities.ts';
import { vendorSinkContract } from '../contract/vendor-sink.ts';
import { json, status, type Answer } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { faultsIn, refusedWith, type VendorKit } from '../support/sink-vendor.ts';
import { knownTopic, startTelegramKit, telegramError } from './kits/telegram.ts';

const start = closedAfterEach(startTelegramKit);

vendorSinkContract('telegram', () => startTelegramKit());

async function shownOf(text: string): Promise<VendorKit> {
  const started = await start();
  await started.say(text);
  return started;
}

const refused = async (answer: Answer) => refusedWith(await start(), answer);

describe('a message', () => {
  test('goes to the topic, the chat and the server that are set', async () => {
    const started = await start({ thread: knownTopic, chat: '@acme_deploys', apiPath: '/telegram/' });
    await started.send();

    expect(started.shown()).toHaveLength(1);
    expect(started.requests[0]?.url).toMatch(/^\/telegram\/bot/);
    expect(JSON.parse(started.requests[0]?.body ?? '')).toMatchObject({
      chat_id: '@acme_deploys',
      message_thread_id: knownTopic,
    });
  });

  test('fills what room there is, in UTF-16 units, and cuts no character', async () => {
    const started = await shownOf(`a${'🚢'.repeat(3000)}`);

    expect(started.shown()).toEqual([`a${'🚢'.repeat(2047)}…`]);
  });

  test('that just fits is not cut', async () => {
    const text = 'x'.repeat(4096);

    expect((await shownOf(text)).shown()).toEqual([text]);
  });

  test('with more names than Telegram takes entities calls nobody up', async () => {
    const started = await shownOf(`shop failed\n${'@ann '.repeat(500)}\nend`);

    expect(started.shown()).toHaveLength(1);
    expect(started.setOff()).toEqual([]);
  });
});

describe('entities', () => {
  test('are a bold headline, and code where there would be a mention', () => {
    const text = 'shop 🚢\nby ann@acme.example, for @till_team (@all)';

    const shown = entitiesOf(text).map(({ type, offset, length }) => [
      type,
      text.slice(offset, offset + length),
    ]);

    expect(shown).toEqual([
      ['bold', 'shop 🚢'],
      ['code', '@till_team'],
      ['code', '@all'],
    ]);
  });

  test('of a headline with a name in it are not bold: code cannot be', () => {
    expect(entitiesOf('@shop deployed\nto till')).toEqual([{ type: 'code', offset: 0, length: 5 }]);
  });

  test('of no text are none', () => {
    expect(entitiesOf('')).toEqual([]);
  });

  test('are at most a hundred, in order, apart, and have every name in them', () => {
    const part = fc.constantFrom('@ab', '@', 'a', '_', ' ', '\n', '🚢', 'é', '(', '@everyone ', '.', ' @x_1');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 400 }), (parts) => {
        const text = parts.join('');
        const entities = entitiesOf(text);

        expect(entities.length).toBeLessThanOrEqual(100);
        const ends = entities.map(({ offset, length }) => offset + length);
        expect(entities.every(({ offset }, n) => offset >= (ends[n - 1] ?? 0))).toBe(true);
        for (const { index } of text.matchAll(/(?<![\p{L}\p{N}_])@\w{2}/gu)) {
          const within = entities.filter(
            ({ type, offset, length }) => type === 'code' && offset <= index && index < offset + length,
          );
          expect(within).toHaveLength(1);
        }
      }),
    );
  });
});

describe('what is not taken', () => {
  test.each([
    [400, 'Bad Request: chat not found', 'bad-request'],
    [401, 'Unauthorized', 'unauthorized'],
    [403, 'Forbidden: bot was kicked from the group chat', 'forbidden'],
    [404, 'Not Found', 'not-found'],
    [500, 'Internal Server Error', 'unavailable'],
  ])('with %i %s is %s', async (code, description, expected) => {
    expect(await refused(telegramError(code, description))).toEqual({
      code: expected,
      message: `Telegram answered ${code}: ${description}`,
      retryAfterMs: undefined,
    });
  });

  test('because the group was upgraded says where it is now', async () => {
    const description = 'Bad Request: group chat was upgraded to a supergroup chat';
    const { message } = await refused(telegramError(400, description, { migrate_to_chat_id: -1009 }));

    expect(message).toBe(`Telegram answered 400: ${description}: set chat to -1009`);
  });

  test('is believed to the body, when a proxy makes a 200 of every answer', async () => {
    const body = {
      ok: false,
      error_code: 429,
      description: 'Too Many Requests',
      parameters: { retry_after: 5 },
    };

    expect(await refused(json(200, body))).toEqual({
      code: 'rate-limited',
      message: 'Telegram answered 429: Too Many Requests',
      retryAfterMs: 5000,
    });
  });

  test.each(['<html>', '{}', '{"ok":"true"}'])('is a 200 that no Bot API gives: %s', async (body) => {
    expect(await refused(status(200, {}, body))).toEqual({
      code: 'unavailable',
      message: 'Telegram answered 200, but not as the Bot API does: check api',
      retryAfterMs: undefined,
    });
  });

  test('is told by what stands in front, in no form of Telegram', async () => {
    expect(await refused(status(429, { 'retry-after': '30' }, 'slow down'))).toEqual({
      code: 'rate-limited',
      message: 'Telegram answered 429',
      retryAfterMs: 30_000,
    });
  });
});

describe('settings', () => {
  const wrong = (given: unknown): readonly string[] => faultsIn(telegram, given);
  const token = secretText('123456:ABC-DEF_1');
  const allowedChat = 'chat: the id of a chat such as -1001234567890, or @name of a public channel or group';
  const allowedThread = 'thread: the number of a topic, 1 or more';
  const allowedApi =
    'api: the address of a Bot API server such as https://api.telegram.org, without /bot and the token behind it';

  test.each([
    { token, chat: -1001234567890 },
    { token, chat: '-1001234567890', thread: 7 },
    { token, chat: '@acme_deploys', api: 'http://bot-api.chat:8081/' },
    { token, chat: 1, api: 'https://bot.example/bot-api/bots' },
  ])('take what is right', (given) => {
    expect(wrong(given)).toEqual([]);
  });

  test.each([
    [{ token: '123456:ABC', chat: 1 }, 'token: { env: NAME } or { file: PATH }, never the secret itself'],
    [
      { token: secretText('bot123456:ABC'), chat: 1 },
      "token: a secret that is a bot's token as @BotFather gives it (123456:ABC-DEF…)",
    ],
    [{ token }, allowedChat],
    [{ token, chat: 'acme_deploys' }, allowedChat],
    [{ token, chat: 1.5 }, allowedChat],
    [{ token, chat: 1e20 }, allowedChat],
    [{ token, chat: 1, thread: 0 }, allowedThread],
    [{ token, chat: 1, thread: '7' }, allowedThread],
    [{ token, chat: 1, api: 'api.telegram.org' }, allowedApi],
    [{ token, chat: 1, api: 'https://me:pass@api.telegram.org' }, allowedApi],
    [{ token, chat: 1, api: 'https://api.telegram.org?x=1' }, allowedApi],
    [{ token, chat: 1, api: 'https://api.telegram.org/bot' }, allowedApi],
    [{ token, chat: 1, api: 'https://api.telegram.org/bot/' }, allowedApi],
    [{ token, chat: 1, api: 'https://api.telegram.org/bot123456:ABC-DEF_1' }, allowedApi],
    [{ token, chat: 1, api: 'https://proxy.example/telegram/bot<token>/' }, allowedApi],
    [{ token, chat: 1, parseMode: 'HTML' }, ': token, chat, thread, api'],
  ])('say of what is wrong what is allowed', (given, message) => {
    expect(wrong(given)).toEqual([message]);
  });
});
