import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')];
const textOf = (file: string): string => readFileSync(file, 'utf8');

/** A page as it is read: what is code has no headings and no links. */
const proseOf = (page: string): string => textOf(page).replace(/^```.*?^```$/gms, '');

/** As GitHub makes them: https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
function anchorsOf(page: string): readonly string[] {
  const slugs = [...proseOf(page).matchAll(/^#{1,6} +(.*)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
  return slugs.map((slug, at) => {
    const before = slugs.slice(0, at).filter((one) => one === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

function isDead(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(file)) return true;
  return anchor !== undefined && !anchorsOf(file).includes(anchor);
}

test.each(pages)('%s has no link within the repository that leads nowhere', (page) => {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const own = links.filter((link) => !/^[a-z]+:/.test(link));

  expect(own.filter((link) => isDead(page, link))).toEqual([]);
});

test('the anchors of a page are known', () => {
  expect(anchorsOf('docs/policies.md')).toEqual(
    expect.arrayContaining(['policies', 'semver-like-for-like', 'pre-releases']),
  );
  expect(isDead('docs/annotations.md', 'policies.md#like-for-like')).toBe(true);
  expect(isDead('README.md', 'docs/policies.md#pre-releases')).toBe(false);
});

/** `src/registries/<name>.ts` is one to be written, beside others; a comma or a colon is no part of it. */
function sourcesIn(file: string): readonly string[] {
  return [...textOf(file).matchAll(/(?<![\w./])src\/[\w./*<>-]*/g)].map(([path]) =>
    path.replace(/<\w+>/g, '*').replace(/\.$/, ''),
  );
}

test.each([...pages, '.env.example'])('%s names no source that is not there', (file) => {
  expect(sourcesIn(file).filter((path) => globSync(path).length === 0)).toEqual([]);
});

test('sources are named in CONTRIBUTING.md', () => {
  expect(sourcesIn('CONTRIBUTING.md')).toEqual(
    expect.arrayContaining(['src/flows/changes/ledger.ts', 'src/notifiers/*.ts', 'src/wire/']),
  );
});

test('.env.example names no page that is not there', () => {
  const named = [...textOf('.env.example').matchAll(/\bdocs\/[\w./-]*\w/g)].map(([page]) => page);

  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((page) => !existsSync(page))).toEqual([]);
});
