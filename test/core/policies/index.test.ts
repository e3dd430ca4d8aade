import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { policyModules, readPolicy } from '../../../src/core/policies/index.ts';

const folder = new URL('../../../src/core/policies/', import.meta.url);
const index = readFileSync(new URL('index.ts', folder), 'utf8');
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
const page = new URL('../../../docs/policies.md', import.meta.url);
const allowed = policyModules.map(({ usage }) => usage).join(', ');

describe('the folder of policies', () => {
  test.each(files)('%s is registered in index.ts', (file) => {
    const name = new RegExp(`^import \\{ (\\w+) \\} from './${file.replace('.', '\\.')}';$`, 'm').exec(
      index,
    )?.[1];
    const list = /policyModules: readonly PolicyModule\[\] = \[([^\]]*)\]/.exec(index)?.[1] ?? '';

    expect(list.split(',').map((one) => one.trim())).toContain(name ?? `an import of ${file}`);
  });

  test.each(files)('%s has a test', (file) => {
    const tested = existsSync(new URL(file.replace(/\.ts$/, '.test.ts'), import.meta.url));

    expect(tested).toBe(true);
  });

  test.each(policyModules.flatMap(({ names }) => names))('docs/policies.md tells of %s', (name) => {
    const text = existsSync(page) ? readFileSync(page, 'utf8') : '';

    expect(text).toContain(`\`${name}`);
  });

  test('gives every name to one file only', () => {
    const names = policyModules.flatMap((module) => module.names);

    expect(names).toEqual([...new Set(names)]);
  });
});

describe('readPolicy', () => {
  test.each(['semver', 'semver:^1.2', 'semver:>=1 <3 || 4.x', 'major', 'minor', 'patch', 'none'])(
    'reads %s',
    (text) => {
      const policy = readPolicy(text);

      expect(policy).toMatchObject({ text });
    },
  );

  test.each([
    ['', `unknown policy ""; allowed: ${allowed}`],
    ['Semver', `unknown policy "Semver"; allowed: ${allowed}`],
    ['yolo:x', `unknown policy "yolo:x"; allowed: ${allowed}`],
    ['minor:1', `policy "minor:1": minor takes no argument; allowed: ${allowed}`],
    ['none:', `policy "none:": none takes no argument; allowed: ${allowed}`],
  ])('says what is wrong with %j', (text, why) => {
    expect(readPolicy(text)).toBe(why);
  });

  test('is total: any text gives a policy or a sentence', () => {
    const names = fc.constantFrom('semver:', 'semver', 'none:', 'minor:', '');
    const texts = fc.tuple(names, fc.string({ unit: 'binary' })).map((parts) => parts.join(''));

    fc.assert(
      fc.property(texts, (text) => {
        const policy = readPolicy(text);

        expect(typeof policy === 'string' || policy.text === text).toBe(true);
      }),
    );
  });
});
