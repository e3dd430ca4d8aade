import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pushedTags } from '../../src/core/pushed-image.ts';
import type { Push } from '../../src/core/registry.ts';
import { registries } from '../../src/registries/index.ts';
import { sorted } from '../contract/registry.ts';
import { startApp, type StartedApp } from '../support/http-app.ts';

const folder = new URL('../../../shared/conformance/payloads/', import.meta.url);

/** One sample, as the folder's README describes it. */
interface Sample {
  readonly source: string;
  readonly kind: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly body_raw?: string;
  readonly context?: { readonly registry_host?: string };
  readonly expect: readonly Push[];
  readonly untagged?: readonly unknown[];
}

/**
 * Samples whose answer has a slip of the pen: what it says, and what its own body says. An entry that is not needed
 * any more fails the test.
 */
const slips: ReadonlyMap<string, readonly [said: string, meant: string]> = new Map([
  // DingGGu, in lower case.
  ['ghcr-registry-package-old-docker-1.json', ['dinggu/utaitebox', 'dingggu/utaitebox']],
]);

/** Bodies that say nothing of their sender: only the path can. */
const unrecognised: ReadonlySet<string> = new Set([
  'cloudevents-missing-specversion-1.json',
  'harbor-slack-format-1.json',
]);

function readSamples(): readonly (readonly [string, Sample])[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Sample] as const)
    .map(([file, sample]) => [file, { ...sample, expect: corrected(file, sample.expect) }]);
}

function corrected(file: string, expected: readonly Push[]): readonly Push[] {
  const [said, meant] = slips.get(file) ?? [];
  if (said === undefined || meant === undefined) return expected;
  const fixed = expected.map((push) => ({ ...push, repository: push.repository.replace(said, meant) }));
  if (JSON.stringify(fixed) === JSON.stringify(expected)) throw new Error(`${file} needs no correction`);
  return fixed;
}

/** The answer's pushes; those that have no tag may be told or not. */
async function pushesIn(response: Response): Promise<readonly Push[]> {
  const { pushes } = (await response.json()) as {
    readonly pushes: readonly (Push | { readonly tag: null })[];
  };
  return pushes.filter((push): push is Push => push.tag !== null);
}

const isThere = existsSync(folder);
if (isThere) describeConformance();
else console.warn('CONFORMANCE OF WEBHOOKS IS NOT TESTED: ../shared/conformance/payloads is missing');

// Skipped by this name when it is not: never silently.
const testOrSkip = isThere ? test : test.skip;
testOrSkip('conformance: the folder ../shared/conformance/payloads is there, else NOTHING IS TESTED', () => {
  expect(readSamples().length).toBeGreaterThan(0);
});

function describeConformance(): void {
  describe('conformance', () => {
    const names = new Set(registries.map(({ name }) => name));
    const all = readSamples();
    let app: StartedApp;

    beforeAll(async () => {
      app = await startApp({
        webhook: {
          receive: (pushes) => Promise.resolve({ pushes: pushedTags(pushes), decisions: [], updates: [] }),
        },
      });
    });

    afterAll(() => app.close());

    const send = (path: string, { headers, body, body_raw, context }: Sample): Promise<Response> => {
      const host = context?.registry_host;
      const registry = host === undefined ? '' : `&registry=${encodeURIComponent(host)}`;
      return app.post(`${path}?dryRun=true${registry}`, body_raw ?? JSON.stringify(body), headers);
    };

    const expectAnswer = async (response: Response, sample: Sample): Promise<void> => {
      const refused = sample.kind.includes('malformed');
      expect(response.status).toBe(refused ? 400 : 200);
      if (!refused) expect(sorted(await pushesIn(response))).toEqual(sorted(sample.expect));
    };

    test('every source that there are samples of is registered', () => {
      const strangers = all.map(([, { source }]) => source).filter((source) => !names.has(source));

      expect(strangers).toEqual([]);
      expect(all.length).toBeGreaterThan(0);
    });

    test.each(all)('%s', async (_file, sample) => {
      await expectAnswer(await send(`/webhook/${sample.source}`, sample), sample);
    });

    test.each(all)('%s, to plain /webhook', async (file, sample) => {
      const response = await send('/webhook', sample);

      // Whose malformed body it is cannot be told from it; in no case is there a push in it.
      const isNobodys = unrecognised.has(file) || sample.kind.includes('malformed');
      if (response.status === 400) expect(isNobodys).toBe(true);
      else await expectAnswer(response, { ...sample, kind: 'to be answered' });
    });

    test.each(all.filter(([, { source }]) => source === 'sns'))(
      '%s, to /webhook/ecr',
      async (_file, sample) => {
        await expectAnswer(await send('/webhook/ecr', sample), sample);
      },
    );
  });
}
