import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ParkedPushes } from '../../src/core/ports.ts';
import type { Push } from '../../src/core/registry.ts';

function push(tag: string): Push {
  return { repository: 'quay.io/acme/shop', tag, digest: null };
}

/**
 * What every keeper of parked pushes promises.
 *
 * @param open opens an empty one.
 */
export function parkedPushesContract(name: string, open: () => ParkedPushes): void {
  describe(`parked pushes contract: ${name}`, () => {
    let parked: ParkedPushes;

    beforeEach(() => {
      parked = open();
    });

    afterEach(() => parked.close());

    const kept = async (): Promise<readonly (readonly Push[])[]> =>
      (await parked.all()).map(({ pushes }) => pushes);

    test('gives them back as they were, oldest first', async () => {
      await parked.keep([push('1.1.0'), { ...push('1.2.0'), digest: `sha256:${'a'.repeat(64)}` }]);
      await parked.keep([push('1.0.0')]);

      expect(await kept()).toEqual([
        [push('1.1.0'), { ...push('1.2.0'), digest: `sha256:${'a'.repeat(64)}` }],
        [push('1.0.0')],
      ]);
    });

    test('keeps a repeated webhook once', async () => {
      await Promise.all(['1.1.0', '1.2.0', '1.1.0'].map((tag) => parked.keep([push(tag)])));

      expect(await kept()).toEqual([[push('1.1.0')], [push('1.2.0')]]);
    });

    test('forgets what was removed, and nothing else', async () => {
      await parked.keep([push('1.1.0')]);
      await parked.keep([push('1.2.0')]);
      const [first] = await parked.all();

      await parked.remove(first?.id ?? NaN);
      await parked.remove(12_345);

      expect(await kept()).toEqual([[push('1.2.0')]]);
    });
  });
}
