import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { renderEnvExample } from '../../src/config/env-example.ts';
import { variables } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Variable } from '../../src/config/variable.ts';

const noFile = (): string => {
  throw new Error('no file is to be read');
};
const file = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');

describe('.env.example', () => {
  test('is what the schema says; src/config/env-example.ts tells how to write it anew', () => {
    expect(file).toBe(renderEnvExample());
  });

  test('lists every variable with its default, in order, and nothing else', () => {
    const expected = Object.values(variables).map(({ name, fallback }) => [name, fallback ?? '']);

    const listed = file.split('\n').filter((line) => line !== '' && !line.startsWith('# '));

    expect(listed).toEqual(expected.map((pair) => pair.join('=')));
  });

  test.each(Object.values(variables))(
    'says what $name is for and what it may be',
    ({ name, doc, allowed }) => {
      const [comment] = file.split(`\n${name}=`);

      const lines = comment?.split('\n\n').at(-1);

      expect(lines).toContain(`# ${doc}\n# Allowed: ${allowed}.`);
    },
  );

  test('says the old name of each variable that has one, and no others', () => {
    const said = [...file.matchAll(/ Its old name is read too: (\w+)\.\n(\w+)=/g)].map(([, old, name]) => [
      name,
      old,
    ]);

    const all: readonly Variable<unknown>[] = Object.values(variables);
    const expected = all.flatMap(({ name, alias }) => (alias === undefined ? [] : [[name, alias]]));
    expect(said).toEqual(expected);
    expect(said).not.toEqual([]);
  });

  test('changes nothing when it is used as it is', () => {
    const copied = loadConfig(parseEnv(file), noFile);

    expect(copied.shown).toEqual(loadConfig({}, noFile).shown);
    expect([copied.unknown, copied.aliases]).toEqual([[], []]);
  });
});
