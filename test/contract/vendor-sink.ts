import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { closedAfterEach } from '../support/closed-after-each.ts';
import type { VendorKit } from '../support/sink-vendor.ts';
import { aMessage, sinkContract } from './sink.ts';

/**
 * What a sink keeps that posts to a vendor: what every sink does, and that a message is one request, with the body of
 * `test/fixtures/notifiers/<kind>.json`.
 */
export function vendorSinkContract(kind: string, start: () => Promise<VendorKit>): void {
  sinkContract(kind, start);

  describe(`vendor sink contract: ${kind}`, () => {
    const open = closedAfterEach(start);

    test('posts what the fixture says', async () => {
      const { send, requests, shown } = await open();
      const fixture = readFileSync(`test/fixtures/notifiers/${kind}.json`, 'utf8');

      await send();

      const bodies = requests.map(({ body }) => JSON.parse(body) as unknown);
      expect(bodies).toEqual([JSON.parse(fixture)]);
      expect(shown()).toEqual([aMessage().text]);
    });
  });
}
