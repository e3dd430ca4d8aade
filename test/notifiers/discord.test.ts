import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { secretText } from '../../src/core/secret-text.ts';
import { discord } from '../../src/notifiers/discord.ts';
import { escaped, unlinked } from '../../src/notifiers/discord/markdown.ts';
import { vendorSinkContract } from '../contract/vendor-sink.ts';
import { json, status, type Answer } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { faultsIn, refusedWith, type VendorKit } from '../support/sink-vendor.ts';
import { resolved } from './kits/discord-markdown.ts';
import { knownThread, startDiscordKit } from './kits/discord.ts';

const start = closedAfterEach(startDiscordKit);

vendorSinkContract('discord', () => startDiscordKit());

interface Sent {
  readonly embeds: readonly { readonly description: string; readonly color: number }[];
}

/** The embed of the first request. */
function embedOf({ requests }: VendorKit): Sent['embeds'][0] | undefined {
  return (JSON.parse(requests[0]?.body ?? '{}') as Partial<Sent>).embeds?.[0];
}

const refused = async (answer: Answer) => refusedWith(await start(), answer);

describe('a message', () => {
  test.each([
    ['info', 0x3498db],
    ['warning', 0xf1c40f],
    ['error', 0xe74c3c],
  ] as const)('of severity %s has its color', async (severity, color) => {
    const started = await start();
    await started.send({ severity });

    expect(embedOf(started)?.color).toBe(color);
  });

  test.each([
    ['the channel', {}, ''],
    ['the thread that is set', { thread: knownThread }, `&thread_id=${knownThread}`],
  ])('goes to %s', async (_what, settings, query) => {
    const started = await start(settings);
    await started.send();

    expect(started.requests[0]?.url).toMatch(new RegExp(`\\?wait=true${query}$`));
    expect(started.shown()).toHaveLength(1);
  });

  test.each(['🚢', '*', '\\', 'https://a.example/x_y '])('fills what room there is with %s', async (part) => {
    const started = await start();
    const text = `shop deployed to till\n${part.repeat(5000)}`;
    await started.say(text);

    const description = embedOf(started)?.description ?? '';
    const [shown = ''] = started.shown();
    expect(Array.from(description).length).toBeGreaterThan(4096 - 60);
    expect(shown.endsWith('…')).toBe(true);
    expect(text.startsWith(shown.slice(0, -1))).toBe(true);
  });

  test('that is a headline and nothing else is cut like any other', async () => {
    const started = await start();
    await started.say('_'.repeat(9000));

    expect(started.shown()[0]).toMatch(/^_{2000,}…$/);
  });
});

describe('text', () => {
  const parts = [
    ...[
      'a',
      '1',
      ' ',
      '\n',
      '\\',
      '*',
      '**',
      '_',
      '__',
      '~~',
      '`',
      '```',
      '|',
      '||',
      '[x](',
      ')',
      ']',
      '<',
      '>',
    ],
    ...[
      '# ',
      '- ',
      '* ',
      '+ ',
      '-# ',
      '>>> ',
      '1. ',
      ':',
      ':fire:',
      '@everyone',
      '@here',
      '<@1>',
      '<#1>',
      '<:a:1>',
    ],
    ...[
      'https://',
      'http://a',
      'https://a.example/_b_c',
      'steam://x_y_z',
      '://',
      '.',
      '…',
      '(',
      '!',
      '/',
      'é',
    ],
  ];
  const text = fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((all) => all.join(''));

  test('comes out as it was, whatever is in it', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(resolved(escaped(given))).toMatchObject({ text: given, setOff: [] });
      }),
      { numRuns: 3000 },
    );
  });

  test('comes out as it was, and bold, as headline', () => {
    fc.assert(
      fc.property(
        text.map((given) => `a${given.replaceAll('\n', ' ')}`),
        (given) => {
          expect(resolved(`**${unlinked(given)}**`)).toEqual({ text: given, setOff: [], links: [] });
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['https://argo.example/till/shop?a=1&b=2', true],
    ['see https://argo.example/my_app__v2, please', true],
    ['(https://argo.example/a-b_c)', true],
    ['https://argo.example/*a*', false],
    ['https://*', false],
    ['steam://run_a_b', false],
  ])('keeps the address of %s as it is, if it can: %s', (given, isKept) => {
    const { text: shown, links } = resolved(escaped(given));

    expect(shown).toBe(given);
    expect(links).toHaveLength(isKept ? 1 : 0);
  });

  test.each([
    'quay.io/acme/shop:1.1.0',
    'ann@acme.example',
    'app: a → b',
    'sha256:0a1b',
    '(ImagePullBackOff)',
  ])('has no escapes where none are needed: %s', (given) => {
    expect(escaped(given)).toBe(given);
  });
});

describe('what is not taken', () => {
  test.each([
    [
      401,
      { message: 'Invalid Webhook Token', code: 50_027 },
      'unauthorized',
      'Invalid Webhook Token (50027)',
    ],
    [404, { message: 'Unknown Webhook', code: 10_015 }, 'gone', 'Unknown Webhook (10015)'],
    [404, { message: 'Unknown Channel', code: 10_003 }, 'not-found', 'Unknown Channel (10003)'],
    [403, { message: 'Missing Access', code: 50_001 }, 'forbidden', 'Missing Access (50001)'],
    [400, { message: 'Invalid Form Body', code: 50_035 }, 'bad-request', 'Invalid Form Body (50035)'],
    [405, { message: '405: Method Not Allowed', code: 0 }, 'method-not-allowed', '405: Method Not Allowed'],
  ])('with %i %j is %s', async (code, body, expected, words) => {
    expect(await refused(json(code, body))).toEqual({
      code: expected,
      message: `Discord answered ${code}: ${words}`,
      retryAfterMs: undefined,
    });
  });

  test('says to the millisecond how long to wait', async () => {
    const body = { message: 'You are being rate limited.', retry_after: 64.57, global: false };

    expect(await refused(json(429, body, { 'retry-after': '65' }))).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 64_570,
    });
  });

  test('is told by what stands in front of Discord, in no form of Discord', async () => {
    const page = status(429, { 'retry-after': '30', 'content-type': 'text/html' }, '<html>error 1015</html>');

    expect(await refused(page)).toEqual({
      code: 'rate-limited',
      message: 'Discord answered 429',
      retryAfterMs: 30_000,
    });
  });
});

describe('settings', () => {
  const wrong = (given: unknown): readonly string[] => faultsIn(discord, given);
  const url = secretText('https://discord.com/api/webhooks/1234567890123456789/abc-DEF_1');
  const allowedUrl =
    "a secret that is the URL of a channel's webhook (https://discord.com/api/webhooks/ID/TOKEN)";

  test.each([
    'https://discord.com/api/webhooks/1234567890123456789/abc-DEF_1',
    'https://discord.com/api/v10/webhooks/1234567890123456789/abc-DEF_1',
    'https://ptb.discord.com/api/webhooks/1234567890123456789/abc-DEF_1',
  ])('take %s', (given) => {
    expect(wrong({ url: secretText(given), thread: '1234567890123456789' })).toEqual([]);
  });

  test.each([
    'https://discord.com/api/webhooks/1234567890123456789/abc/slack',
    'https://discord.com/api/webhooks/1234567890123456789/abc/github',
    'https://discord.com/api/webhooks/1234567890123456789/abc?thread_id=1',
    'https://discord.com/api/webhooks/1234567890123456789',
    'ftp://discord.com/api/webhooks/1234567890123456789/abc',
    'discord.com/api/webhooks/1234567890123456789/abc',
  ])('do not take %s, and do not repeat it', (given) => {
    expect(wrong({ url: secretText(given) })).toEqual([`url: ${allowedUrl}`]);
  });

  test.each([
    [
      { url: 'https://discord.com/api/webhooks/1234567890123456789/abc' },
      'url: { env: NAME } or { file: PATH }, never the secret itself',
    ],
    // So large a number is another one when YAML has read it.
    [
      { url, thread: 1234567890123456 },
      'thread: the id of a thread, in quotes, such as "1234567890123456789"',
    ],
    [{ url, thread: 'general' }, 'thread: the id of a thread, in quotes, such as "1234567890123456789"'],
    [{ url, channel: 'x' }, ': url, thread'],
    ['x', ': a section with url, thread'],
  ])('say of what is wrong what is allowed', (given, message) => {
    expect(wrong(given)).toEqual([message]);
  });
});
