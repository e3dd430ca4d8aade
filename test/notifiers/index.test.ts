import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import { kindsOfWord, noticeWords, severityOfKind, wordOf } from '../../src/core/notice.ts';
import { sinks } from '../../src/notifiers/index.ts';

const root = new URL('../../', import.meta.url);
const kinds = readdirSync(new URL('src/notifiers/', root))
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
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

describe('docs/notifiers.md', () => {
  const page = readFileSync(new URL('docs/notifiers.md', root), 'utf8');
  const rows = [...page.matchAll(/^\| \[?`(.*?)`(.*)\|$/gm)].map(
    ([, name = '', rest = '']) => [name, ...rest.split('|').map((cell) => cell.trim())] as const,
  );

  test('has a row for each kind of sink', () => {
    expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining(kinds));
  });

  test('says of every word how bad it is, and whether it is told where nothing else is said', () => {
    const { config } = loadConfig({ UK_CONFIG: 'uk.yaml' }, () => 'notifiers: { ops: { event: {} } }');
    const usual = config.file.notifiers.ops?.filter.events.map(wordOf) ?? [];

    const said = rows
      .filter(([name]) => noticeWords.includes(name))
      .map(([name, , , ...cells]) => [name, ...cells]);

    const isTold = (word: string): string => (usual.includes(word) ? 'yes' : '');
    expect(said).toEqual(
      noticeWords.map((word) => [
        word,
        ...kindsOfWord(word)
          .slice(0, 1)
          .map((kind) => `\`${severityOfKind(kind)}\``),
        isTold(word),
      ]),
    );
  });
});
