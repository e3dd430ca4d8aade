import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { sinks } from '../../src/notifiers/index.ts';

const root = new URL('../../', import.meta.url);
/** The outgoing webhook is configured by variables, and no sink. */
const kinds = readdirSync(new URL('src/notifiers/', root))
  .filter((file) => file.endsWith('.ts') && !['index.ts', 'webhook.ts'].includes(file))
  .map((file) => file.slice(0, -'.ts'.length));

describe('src/notifiers', () => {
  test.each(kinds)('%s is in the index, and has a kit, a suite, a fixture and a page', (kind) => {
    expect(sinks.map((sink) => sink.kind)).toContain(kind);
    for (const file of [
      `test/notifiers/kits/${kind}.ts`,
      `test/notifiers/${kind}.test.ts`,
      `test/fixtures/notifiers/${kind}.json`,
      `docs/notifiers/${kind}.md`,
    ])
      expect([file, existsSync(new URL(file, root))]).toEqual([file, true]);
  });

  test('has a file for each', () => {
    expect(sinks.map((sink) => sink.kind).sort()).toEqual([...kinds].sort());
  });
});
