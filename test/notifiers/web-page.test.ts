import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aMessageOf } from '../contract/sink.ts';
import { status, type Answer } from '../support/capture-server.ts';
import type { VendorKit } from '../support/sink-vendor.ts';
import { startDiscordKit } from './kits/discord.ts';
import { startGithubKit } from './kits/github.ts';
import { startGooglechatKit } from './kits/googlechat.ts';
import { startMsteamsKit } from './kits/msteams.ts';
import { startPagerdutyKit } from './kits/pagerduty.ts';

const { signal } = new AbortController();
const failed = aMessageOf('update.failed');
const page = (code: number, body = '<!doctype html><title>Sign in</title>'): Answer =>
  status(code, { 'content-type': 'text/html' }, body);

describe.each<[string, () => Promise<VendorKit>]>([
  ['Discord', () => startDiscordKit()],
  ['Google Chat', startGooglechatKit],
  ['Microsoft Teams', startMsteamsKit],
  ['PagerDuty', () => startPagerdutyKit()],
])('where %s should be', (vendor, start) => {
  let kit: VendorKit;
  beforeEach(async () => {
    kit = await start();
  });
  afterEach(() => kit.close());

  test.each([
    [200, '<html>'],
    [202, '\r\n\t <html>'],
    [200, '\ufeff<!doctype html><title>Sign in</title>'],
  ])('a web page with %i takes no message: %j', async (code, body) => {
    kit.next(page(code, body));

    await expect(kit.sink.send(failed, signal)).rejects.toMatchObject({
      code: 'unavailable',
      message: `${vendor} answered ${code} with a web page: is something in between?`,
    });
    await kit.sink.send(failed, signal);

    expect(kit.shown()).toHaveLength(1);
  });

  test.each([
    [200, ''],
    [204, ''],
    [202, 'ok'],
    [200, '{"text":"<html>"}'],
  ])('%i with what is no web page takes it: %j', async (code, body) => {
    kit.next(status(code, {}, body));

    await expect(kit.sink.send(failed, signal)).resolves.toBeUndefined();
  });

  test('a page that refuses is known by its status', async () => {
    kit.next(page(403));

    await expect(kit.sink.send(failed, signal)).rejects.toMatchObject({
      ...{ code: 'forbidden', message: `${vendor} answered 403` },
    });
  });
});

describe('where GitHub should be', () => {
  test('a web page takes no status, of whose answers nothing else is read', async () => {
    const kit = await startGithubKit({ commitStatus: true });
    try {
      await kit.sink.send(aMessageOf('update.approved'), signal);
      // The deployment is looked for, and found.
      kit.next(status(200, {}, JSON.stringify(kit.deployments)));
      kit.next(page(200));

      await expect(kit.sink.send(failed, signal)).rejects.toMatchObject({
        code: 'unavailable',
        message: 'GitHub answered 200 with a web page: is something in between?',
      });
      expect(kit.commitStatuses.map(({ state }) => state)).toEqual(['pending']);
    } finally {
      await kit.close();
    }
  });
});
