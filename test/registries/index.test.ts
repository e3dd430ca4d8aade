import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Registry } from '../../src/core/registry.ts';
import { registries } from '../../src/registries/index.ts';
import { registryContract } from '../contract/registry.ts';

const folder = new URL('../../src/registries/', import.meta.url);
const files = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'index.ts')
  .map(({ name }) => name);

describe('src/registries', () => {
  test.each(files)('%s exports a dialect of its name, and index.ts registers it', async (file) => {
    const module = (await import(new URL(file, folder).href)) as Readonly<Record<string, unknown>>;

    const name = file.replace(/\.ts$/, '');
    const own = registries.filter((registry) => registry.name === name);
    expect(own).toHaveLength(1);
    expect(Object.values(module)).toContain(own[0]);
  });

  test('nothing is registered that has no file', () => {
    expect(registries.map(({ name }) => `${name}.ts`).sort()).toEqual([...files].sort());
  });

  test('a fixture that is a push is recognised by the first dialect that is asked, or by none', async () => {
    const { fixturesOf, requestOf } = await import('../support/registry-fixtures.ts');

    for (const registry of registries) {
      for (const [file, fixture] of fixturesOf(registry.name)) {
        const first: Registry | undefined = registries.find((one) => one.recognises(requestOf(fixture)));
        if (fixture.expect.length > 0) expect([file, first?.name]).toEqual([file, registry.name]);
      }
    }
  });
});

test('docs/approvals.md says which of them name who pushed', async () => {
  const { fixturesOf } = await import('../support/registry-fixtures.ts');
  const docs = readFileSync(new URL('../../docs/approvals.md', import.meta.url), 'utf8');
  const section = docs.split('## Who asks does not approve')[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (`.*?) +\| (.*?) +\|$/gm)].flatMap(([, sources = '', who = '']) =>
    [...sources.matchAll(/`(\w+)`/g)].map(([, source]) => [source, !who.startsWith('nobody')]),
  );

  const told = registries.map(({ name }) => [
    name,
    fixturesOf(name).some(([, { expect: pushes }]) => pushes.some(({ pushedBy }) => pushedBy !== undefined)),
  ]);

  expect([...rows].sort()).toEqual([...told].sort());
});

registries.forEach(registryContract);
