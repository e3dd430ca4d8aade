import { afterEach, describe, expect, test } from '@jest/globals';
import type { Registry } from '../../src/core/registry.ts';
import { quay } from '../../src/registries/quay.ts';
import { startApp, type StartedApp } from '../support/http-app.ts';
import { seeded } from '../support/random.ts';
import { fuzz, type Result } from './campaign.ts';
import { readCorpus, type Seed } from './corpus.ts';
import { mutate } from './mutate.ts';
import { startTargets } from './service.ts';

let app: StartedApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

const body = { docker_url: 'quay.io/acme/shop', updated_tags: ['1.1.0'] };
const push: Seed = { source: 'quay', headers: {}, body, text: JSON.stringify(body) };

function campaign(shots: number, corpus: readonly Seed[], url: string, longestMs: number): Promise<Result> {
  return fuzz({ url, corpus, random: seeded(1, 'test'), longestMs, goesOn: (n) => n < shots });
}

/** Shoots at a Quay dialect with a fault. */
async function findingsWith(parse: Registry['parse']): Promise<readonly string[]> {
  app = await startApp({ webhook: { registries: [{ ...quay, parse }], fallback: { ...quay, parse } } });
  const { findings } = await campaign(60, [push], app.url, 20);
  return findings.map(({ what }) => what);
}

describe('the fuzzer', () => {
  test('finds a dialect that throws what it must not', async () => {
    const findings = await findingsWith(() => {
      throw new TypeError('no such property');
    });

    expect(findings).toContain('answered 500');
  });

  test('finds a dialect that takes its time', async () => {
    const findings = await findingsWith(() => {
      const end = performance.now() + 25;
      while (performance.now() < end);
      return [];
    });

    expect(findings.join()).toMatch(/took \d+ ms every time/);
  });

  test('finds nothing in the dialects that there are', async () => {
    app = await startTargets(['quay.io/acme/shop']);

    const { findings, statuses, shots } = await campaign(500, readCorpus(), app.url, 10_000);

    expect(findings).toEqual([]);
    expect(shots).toBe(500);
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400]));
  });

  test('makes the same deliveries of the same seed, and others of another', () => {
    const shots = (seed: number) => {
      const random = seeded(seed, 'test');
      return Array.from({ length: 50 }, () => mutate(push, [push], random));
    };

    expect(shots(1)).toEqual(shots(1));
    expect(shots(1)).not.toEqual(shots(2));
  });

  test('sends bodies with an own key __proto__, which only a parser makes', () => {
    const random = seeded(1, 'test');
    const texts = Array.from({ length: 2000 }, () => mutate(push, [push], random).body.toString());

    expect(texts.some((text) => text.includes('"__proto__"'))).toBe(true);
  });
});
