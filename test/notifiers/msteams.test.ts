import { beforeEach, describe, expect, test } from '@jest/globals';
import { secretText } from '../../src/core/secret-text.ts';
import { msteams } from '../../src/notifiers/msteams.ts';
import { vendorSinkContract } from '../contract/vendor-sink.ts';
import { json, status } from '../support/capture-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { problemsIn, type VendorKit } from '../support/sink-vendor.ts';
import { startMsteamsKit } from './kits/msteams.ts';

const start = closedAfterEach(startMsteamsKit);
const workflow = 'https://prod-01.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke';

vendorSinkContract('msteams', startMsteamsKit);

describe('msteams', () => {
  let kit: VendorKit;
  beforeEach(async () => {
    kit = await start();
  });

  test.each([
    ['info', 'Accent'],
    ['warning', 'Warning'],
    ['error', 'Attention'],
  ] as const)('colours the headline of %s %s', async (severity, color) => {
    await kit.send({ severity });

    expect(kit.body().split(`"color":"${color}"`)).toHaveLength(2);
  });

  test('keeps lines apart, also empty ones', async () => {
    await kit.say('head\n\ntail');

    expect(kit.shown()).toEqual(['head\n\u00a0\ntail']);
  });

  test.each([undefined, 'not a link', 'javascript:alert(1)'])(
    'has no button for the link %p',
    async (link) => {
      await kit.send({ link });

      expect(kit.shown()).toHaveLength(1);
      expect(kit.body()).not.toContain('Action.OpenUrl');
    },
  );

  test('uses nearly all of the room, and says what is missing', async () => {
    await kit.send({ message: '🚢"\\'.repeat(20_000) });

    expect(Buffer.byteLength(kit.body())).toBeGreaterThan(25_900);
    expect(Buffer.byteLength(kit.body())).toBeLessThanOrEqual(26_000);
    expect(kit.shown()[0]?.endsWith('…')).toBe(true);
    expect(kit.shown()[0]?.isWellFormed()).toBe(true);
  });

  test('says what the flow answered, without the signature', async () => {
    kit.refuse();
    await expect(kit.send()).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining(
        'Microsoft Teams answered 400: WorkflowTriggerIsNotEnabled: Could not',
      ),
    });

    kit.next(json(401, { error: { code: 'Nope', message: `for ${kit.secrets.join(' and ')}` } }));
    await expect(kit.send()).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.not.stringContaining(kit.secrets[1] ?? ''),
    });

    kit.next(status(502, {}, '<html>a proxy</html>'));
    await expect(kit.send()).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Microsoft Teams answered 502',
    });
  });

  test.each([
    `${workflow}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abc`,
    'https://default1.2.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke?api-version=1&sig=abc',
  ])('takes the URL of a workflow: %s', (url) => {
    expect(msteams.settings.safeParse({ url: secretText(url) }).success).toBe(true);
  });

  test.each([
    ['no URL', 'somewhere?sig=abc'],
    ['another scheme', 'ftp://prod-01.westeurope.logic.azure.com/?sig=abc'],
    ['cut off at the first "&"', `${workflow}?api-version=2016-06-01`],
    ['a retired connector', 'https://acme.webhook.office.com/webhookb2/1@2/IncomingWebhook/3/4?sig=abc'],
    ['an older one', 'https://outlook.office.com/webhook/1?sig=abc'],
  ])('refuses a URL that is %s', (_, url) => {
    const read = msteams.settings.safeParse({ url: secretText(url) });

    expect(read.error?.issues.map(({ path, message }) => [path, message])).toEqual([
      [['url'], expect.stringMatching(/^a secret that is the URL of a Teams workflow/)],
    ]);
    expect(JSON.stringify(read.error)).not.toContain(url);
  });

  test('refuses the URL itself, keys it does not know, and what is no section', () => {
    const messages = (given: unknown): unknown => problemsIn(msteams, given);

    expect(messages({ url: `${workflow}?sig=abc` })).toEqual([
      '{ env: NAME } or { file: PATH }, never the secret itself',
    ]);
    expect(messages({ url: secretText(`${workflow}?sig=abc`), channel: 'deploys' })).toEqual(['url']);
    expect(messages('deploys')).toEqual(['a section with url']);
  });
});
